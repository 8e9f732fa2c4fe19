import { FrameMalformed } from "@gc/core/Transport"
import type { ByteStream } from "@gc/core/StreamTransport"
import { EventEmitter } from "node:events"
import type { Socket } from "node:net"
import type { WebSocket } from "ws"
import { writeMessages } from "./messageWriter.ts"

/** Codes of `ws` for what the other end may not send. */
const malformed = /^WS_ERR_/

const reasonOf = (error: Error): Error =>
  "code" in error && typeof error.code === "string" && malformed.test(error.code)
    ? new FrameMalformed({ detail: `${error.message} (${error.code})` })
    : error

/**
 * The binary messages of a WebSocket as a stream of bytes. It ends when the other end says Close, though the socket under it may live
 * on for a while: `ws` itself tells only when that is gone.
 *
 * @internal
 */
export class WebSocketStream extends EventEmitter implements ByteStream {
  readonly copies = true
  readonly #ws: WebSocket
  readonly #socket: Socket
  readonly #masks: boolean
  #ended = false

  constructor(ws: WebSocket, socket: Socket, masks: boolean) {
    super()
    this.#ws = ws
    this.#socket = socket
    this.#masks = masks
    ws.binaryType = "nodebuffer"
    ws.on("message", (data: Buffer, isBinary: boolean) => {
      if (this.#ended) return
      if (isBinary) this.emit("data", data)
      else this.#refuse("a text message")
    })
    ws.on("error", (error) => this.#fail(reasonOf(error)))
    socket.on("error", (error) => this.#fail(error))
    // Behind the listener of ws, which has read what came by now.
    socket.on("data", () => {
      if (ws.readyState !== ws.OPEN) this.#end()
    })
    socket.on("end", () => this.#end())
    socket.on("close", () => this.emit("close"))
  }

  get closed(): boolean {
    return this.#socket.closed
  }

  pause(): void {
    this.#ws.pause()
  }

  resume(): void {
    this.#ws.resume()
  }

  isPaused(): boolean {
    return this.#ws.isPaused
  }

  cork(): void {
    this.#socket.cork()
  }

  uncork(): void {
    this.#socket.uncork()
  }

  write(bytes: Uint8Array, done?: (error?: Error | null) => void): void {
    // Behind a Close nothing may follow; `ws` says why to whoever asks.
    if (this.#ws.readyState === this.#ws.OPEN) writeMessages(this.#socket, bytes, this.#masks, done)
    else this.#ws.send(bytes, { binary: true }, done)
  }

  end(): void {
    this.#ws.close(1000)
  }

  destroy(): void {
    this.#ws.terminate()
  }

  #refuse(what: string): void {
    this.#fail(new FrameMalformed({ detail: `${what}, where only binary ones are frames` }))
    this.#ws.close(1003)
  }

  #fail(error: Error): void {
    if (this.#ended) return
    this.#ended = true
    this.emit("error", error)
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    this.emit("end")
  }
}
