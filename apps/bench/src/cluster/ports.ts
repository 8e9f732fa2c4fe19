/** Ports of loopback that nobody listens on. */
import { createServer } from "node:net"

/** So many ports that were free a moment ago: all are held at once before they are let go, so that none comes twice. */
export const freePorts = async (count: number): Promise<ReadonlyArray<number>> => {
  const servers = Array.from({ length: count }, () => createServer())
  try {
    return await Promise.all(
      servers.map(
        (server) =>
          new Promise<number>((resolve, reject) => {
            server.once("error", reject).listen(0, "127.0.0.1", () => {
              const address = server.address()
              if (address === null || typeof address === "string") reject(new Error("A port has no number."))
              else resolve(address.port)
            })
          })
      )
    )
  } finally {
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  }
}
