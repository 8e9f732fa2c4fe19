import { chmodSync } from "node:fs"
import { freePort, type Place, type Program } from "../support/program.ts"

export const cookie = `hex:${"5a".repeat(32)}`

/** Nodes of `gcluster start` that find each other by a list, each with a configuration file of its name. */
export interface Nodes {
  readonly names: ReadonlyArray<string>
  readonly ports: ReadonlyArray<number>
  readonly programs: ReadonlyArray<Program>
}

/** Writes a configuration that only its owner can read, for it holds the cookie. */
export const writeFile = (place: Place, name: string, content: object): void =>
  chmodSync(place.write(`${name}.json`, content), 0o600)

/** Starts nodes of these names, and waits until each sees all. */
export const startNodes = async (place: Place, ...names: ReadonlyArray<string>): Promise<Nodes> => {
  const ports: Array<number> = []
  for (const _ of names) ports.push(await freePort())
  const nodes = ports.map((port) => `127.0.0.1:${port}`)
  const programs = names.map((name, index) => {
    writeFile(place, name, {
      cluster: "orders",
      node: `${name}@127.0.0.1`,
      cookie,
      transport: { tcp: { host: "127.0.0.1", port: ports[index] } },
      discovery: { static: { nodes } },
      metadata: { role: name }
    })
    return place.start(["start", "--config", `${name}.json`, "--json"])
  })
  for (const program of programs) for (const name of names) await program.event("up", `${name}@127.0.0.1`)
  return { names, ports, programs }
}

/** What a node has told so far. */
export const told = ({ events }: Program): ReadonlyArray<string> => events.map(({ event, node }) => `${event} ${node}`)
