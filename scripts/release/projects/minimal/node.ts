/** A node: `node node.js NAME [ADDRESS …]`. It prints one JSON object a line, and leaves on SIGTERM. */
import * as Address from "@gc/core/Address"
import * as Channel from "@gc/core/Channel"
import * as Cluster from "@gc/core/Cluster"
import * as Static from "@gc/discovery-static"
import * as Tcp from "@gc/transport-tcp"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

// The types of Node are not installed, and the packages' types do without them.
declare const process: {
  readonly argv: ReadonlyArray<string>
  readonly stdout: { readonly write: (text: string) => unknown }
  readonly once: (signal: string, listener: () => void) => unknown
  exitCode: number
}

const [name = "a", ...seeds] = process.argv.slice(2)

const print = (record: { readonly event: string; readonly [key: string]: unknown }) =>
  Effect.sync(() => void process.stdout.write(`${JSON.stringify(record)}\n`))

const program = Effect.gen(function* () {
  const cluster = yield* Cluster.Cluster
  const chat = yield* Channel.make("chat", Schema.Struct({ text: Schema.String }))
  yield* print({ event: "listening", addresses: cluster.self.addresses.map(Address.format) })

  yield* Effect.forkChild(
    Stream.runForEach(chat.messages, ({ from, message }) => print({ event: "heard", from, text: message.text }))
  )
  yield* cluster.awaitMembers(3)
  const members = yield* cluster.members
  yield* print({ event: "formed", members: members.map((member) => member.name).toSorted() })
  yield* chat.broadcast({ text: `hello from ${cluster.self.name}` })
  return yield* Effect.never
})

const ClusterLive = Cluster.layer({ cluster: "release-check", node: `${name}@127.0.0.1` }).pipe(
  Layer.provide([Static.layer(seeds), Tcp.layer({ host: "127.0.0.1", port: 0 })])
)

// @ts-expect-error A wrong option is an error of types: they are there, and say something.
export const wrong = () => Cluster.layer({ cluster: 1 })

const fiber = Effect.runFork(program.pipe(Effect.scoped, Effect.provide(ClusterLive)))

process.once("SIGTERM", () => {
  Effect.runPromise(Fiber.interrupt(fiber)).then(
    () => process.stdout.write(`${JSON.stringify({ event: "left" })}\n`),
    () => (process.exitCode = 1)
  )
})
