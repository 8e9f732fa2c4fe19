/** Ports of loopback that nobody listens on. */
import { createServer } from "node:net"

/** Below those that systems give to sockets that dial: a port would be somebody's own end before its node listens. */
const [lowest, highest] = [12_000, 31_000]

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once("error", () => resolve(false))
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)))
  })

/** So many ports that were free a moment ago, from anywhere in the range. */
export const freePorts = async (count: number): Promise<ReadonlyArray<number>> => {
  const ports: Array<number> = []
  const start = Math.floor(Math.random() * (highest - lowest))
  for (let step = 0; ports.length < count; step++) {
    if (step > highest - lowest) throw new Error(`Fewer than ${count} ports of ${lowest} to ${highest} are free.`)
    const port = lowest + ((start + step) % (highest - lowest))
    if (await isFree(port)) ports.push(port)
  }
  return ports
}
