import type { Socket } from "node:net"
import { answer } from "./answering.ts"
import { decodeRequest, type Request, sizes } from "./codec.ts"
import type { Table } from "./table.ts"

/** What a connection tells its daemon. */
interface Owner {
  readonly table: Table
  readonly port: number
  readonly idleTimeout: number
  readonly answered: (request: Request) => void
  readonly dropped: (reason: "malformed" | "idle") => void
  readonly changed: () => void
  readonly stop: () => void
}

/** Whether the other end is on this host, as Erlang's epmd sees it. */
const isLocal = ({ localAddress, remoteAddress = "" }: Socket): boolean =>
  remoteAddress === localAddress || /^(::ffff:)?127\.|^::1$/.test(remoteAddress)

/** One connection of a daemon: one request, and for a registration whatever comes then ends it. */
export class Connection {
  readonly #socket: Socket
  readonly #owner: Owner
  readonly #handle: number
  readonly #local: boolean
  #received: Buffer = Buffer.alloc(0)
  #answered = false
  #name: string | undefined

  constructor(socket: Socket, handle: number, owner: Owner) {
    this.#socket = socket
    this.#owner = owner
    this.#handle = handle
    this.#local = isLocal(socket)
    socket.setTimeout(owner.idleTimeout, () => this.#drop("idle"))
    socket.on("data", (chunk) => this.#take(chunk))
    socket.on("end", () => this.#forget())
    socket.on("close", () => this.#forget())
    socket.on("error", () => {})
  }

  get registered(): boolean {
    return this.#name !== undefined
  }

  destroy(): void {
    this.#forget()
    this.#socket.destroy()
  }

  #drop(reason: "malformed" | "idle"): void {
    // A listing that was not read is no fault of the request.
    if (!this.#answered) this.#owner.dropped(reason)
    this.destroy()
  }

  #forget(): void {
    if (this.#name === undefined) return
    this.#owner.table.unregister(this.#name)
    this.#name = undefined
    this.#owner.changed()
  }

  #take(chunk: Buffer): void {
    if (this.#answered) return this.destroy()
    this.#received = Buffer.concat([this.#received, chunk])
    if (this.#received.length < 2) return
    const length = this.#received.readUInt16BE(0)
    const missing = length + 2 - this.#received.length
    if (length === 0 || length > sizes.request || missing < 0) return this.#drop("malformed")
    if (missing === 0) this.#serve(this.#received.subarray(2))
  }

  #serve(body: Buffer): void {
    const { answered, changed, port, stop, table } = this.#owner
    const request = decodeRequest(body)
    const reply =
      request === undefined ? undefined : answer(table, port, request, { handle: this.#handle, local: this.#local })
    if (request === undefined || reply === undefined) return this.#drop("malformed")
    this.#answered = true
    this.#received = Buffer.alloc(0)
    answered(request)
    if (reply.next !== "keep") {
      this.#socket.end(reply.bytes, reply.next === "stop" ? stop : undefined)
      return
    }
    this.#socket.write(reply.bytes)
    if (reply.name === undefined) return
    this.#name = reply.name
    this.#socket.setTimeout(0)
    changed()
  }
}
