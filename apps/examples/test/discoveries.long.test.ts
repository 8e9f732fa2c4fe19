import { describe, it } from "@effect/vitest"
import { decode, encode } from "dns-packet"
import * as Effect from "effect/Effect"
import { createSocket } from "node:dgram"
import { createServer } from "node:net"
import { run } from "./support/run.ts"

const freePort = Effect.callback<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address()
    server.close(() => resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0)))
  })
})

type Running = Effect.Success<ReturnType<typeof run>>

const assertMeet = Effect.fnUntraced(function* (a: Running, b: Running) {
  yield* a.line(/^Up b@127\.0\.0\.1$/m)
  yield* b.line(/^Up a@127\.0\.0\.1$/m)
})

/** A server of DNS for one name, whose services are at these ports. */
const serveSrv = (name: string, ports: ReadonlyArray<number>) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly address: string; readonly close: () => void }>((resume) => {
      const socket = createSocket("udp4").on("message", (bytes, client) => {
        const { id, questions } = decode(bytes)
        const target = `node.${name}`
        const answer = encode({
          type: "response",
          id: id ?? 0,
          questions: questions ?? [],
          answers: ports.map((port) => ({ type: "SRV", name, data: { port, target } })),
          additionals: [{ type: "A", name: target, data: "127.0.0.1" }]
        })
        socket.send(answer, client.port, client.address)
      })
      socket.bind(0, "127.0.0.1", () =>
        resume(Effect.succeed({ address: `127.0.0.1:${socket.address().port}`, close: () => socket.close() }))
      )
    }),
    ({ close }) => Effect.sync(close)
  )

describe("two nodes find each other", () => {
  it.live("by DNS", () =>
    Effect.gen(function* () {
      const [first, second] = [yield* freePort, yield* freePort]
      const domain = "_gc._tcp.web.example.org"
      const { address } = yield* serveSrv(domain, [first, second])
      const a = yield* run("dns", ["a", `${first}`, domain, address])
      const b = yield* run("dns", ["b", `${second}`, domain, address])
      yield* assertMeet(a, b)
    })
  )

  it.live("by gossip", () =>
    Effect.gen(function* () {
      const group = `239.77.${(process.pid >> 8) & 255}.${process.pid & 255}`
      yield* assertMeet(yield* run("gossip", ["a", group]), yield* run("gossip", ["b", group]))
    })
  )

  it.live("by epmd, which one of them is", () =>
    Effect.gen(function* () {
      const port = { ERL_EPMD_PORT: `${yield* freePort}` }
      yield* assertMeet(yield* run("epmd", ["a"], port), yield* run("epmd", ["b"], port))
    })
  )
})
