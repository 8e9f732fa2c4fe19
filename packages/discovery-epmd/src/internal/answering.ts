import { encodeAlive, encodePort, type Request } from "./codec.ts"
import type { Answer, Table } from "./table.ts"

/** Who asks. */
interface Asker {
  readonly handle: number
  /** On this host: only such may register, and end the daemon. */
  readonly local: boolean
}

const close = (bytes: Buffer): Answer => ({ bytes, next: "close" })

/** What Erlang's epmd answers without its `-relaxed_command_check`; `undefined` closes the connection without a word. */
export const answer = (table: Table, port: number, request: Request, { handle, local }: Asker): Answer | undefined => {
  switch (request._tag) {
    case "Names":
      return close(table.names(port))
    case "PortPlease2":
      return close(encodePort(table.find(request.name)))
    case "Alive2": {
      if (!local) return undefined
      const { entry } = request
      const creation = table.register(entry, handle)
      const bytes = encodeAlive(entry.highest, creation !== undefined, creation ?? 0)
      return creation === undefined ? { bytes, next: "keep" } : { bytes, next: "keep", name: entry.name }
    }
    case "Dump":
      return local ? close(table.dump(port)) : undefined
    case "Kill": {
      if (!local) return undefined
      return table.size > 0 ? close(Buffer.from("NO")) : { bytes: Buffer.from("OK"), next: "stop" }
    }
    case "Stop":
      return undefined
  }
}
