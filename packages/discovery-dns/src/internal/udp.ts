import * as Effect from "effect/Effect"
import { createSocket } from "node:dgram"
import { isIPv6 } from "node:net"
import { errorCode } from "./errorCode.ts"
import { decodeReply, encodeQuery, type Mismatch, type Question, type Reply } from "./message.ts"
import type { Server } from "./servers.ts"

/** One question in one datagram. */
export interface Datagram {
  readonly server: Server
  readonly question: Question
  readonly id: number
  readonly edns: boolean
  /** Hears of each datagram that is passed over. */
  readonly onIgnored: (reason: Mismatch) => void
}

/**
 * Asks over UDP, from a socket of its own and so from a port that the system chooses at random; waits until it is interrupted.
 *
 * The socket is connected: the kernel drops what comes from another address or port, and tells when nothing listens there.
 * Fails with the code of the system's error.
 */
export const askUdp = ({ edns, id, onIgnored, question, server }: Datagram): Effect.Effect<Reply, string> =>
  Effect.callback<Reply, string>((resume) => {
    const socket = createSocket(isIPv6(server.host) ? "udp6" : "udp4")
    let open = true
    const close = (): void => {
      open = false
      socket.removeAllListeners()
      socket.on("error", () => {})
      socket.close()
    }
    const end = (result: Effect.Effect<Reply, string>): void => {
      // What was to be sent may still fail after an answer.
      if (!open) return
      close()
      resume(result)
    }
    const fail = (error: Error): void => end(Effect.fail(errorCode(error)))
    socket.on("error", fail)
    socket.on("message", (bytes) => {
      const reply = decodeReply(bytes, id, question)
      if (typeof reply === "string") onIgnored(reply)
      else end(Effect.succeed(reply))
    })
    socket.once("connect", () => socket.send(encodeQuery(id, question, edns), (error) => error && fail(error)))
    try {
      socket.connect(server.port, server.host)
    } catch (error) {
      fail(error as Error)
    }
    return Effect.sync(close)
  })
