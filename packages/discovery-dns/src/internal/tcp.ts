import * as Effect from "effect/Effect"
import { connect } from "node:net"
import { errorCode } from "./errorCode.ts"
import { decodeReply, encodeQuery, type Question, type Reply } from "./message.ts"
import { formatServer, type Server } from "./servers.ts"

/**
 * Asks over TCP (RFC 7766), on a connection of its own; waits until it is interrupted. An answer has at most 64 KiB, for its
 * length is told in two bytes. Fails with what went wrong, to complete *over TCP …*.
 */
export const askTcp = (server: Server, id: number, question: Question, edns: boolean): Effect.Effect<Reply, string> =>
  Effect.callback<Reply, string>((resume) => {
    const chunks: Array<Buffer> = []
    let received = 0
    const socket = connect({ host: server.host, port: server.port })
    const close = (): void => {
      socket.removeAllListeners()
      socket.on("error", () => {})
      socket.destroy()
    }
    const end = (result: Effect.Effect<Reply, string>): void => {
      close()
      resume(result)
    }
    const fail = (detail: string): void => end(Effect.fail(detail))
    socket.on("error", (error) => fail(`it failed (${errorCode(error)})`))
    socket.on("end", () => fail(`the connection ended after ${received} bytes, before the whole answer`))
    socket.once("connect", () => {
      const query = encodeQuery(id, question, edns)
      const framed = Buffer.alloc(2 + query.length)
      framed.writeUInt16BE(query.length)
      framed.set(query, 2)
      socket.write(framed)
    })
    socket.on("data", (chunk) => {
      chunks.push(chunk)
      received += chunk.length
      if (received < 2) return
      const length = Buffer.concat(chunks.slice(0, 2)).readUInt16BE(0)
      if (received < 2 + length) return
      const reply = decodeReply(Buffer.concat(chunks).subarray(2, 2 + length), id, question)
      if (typeof reply === "string") fail(`the answer of ${formatServer(server)} was wrong (${reply})`)
      else if (reply.truncated) fail("the answer was truncated again")
      else end(Effect.succeed(reply))
    })
    return Effect.sync(close)
  })
