/**
 * A node in an Effect program: it joins while the program runs, says hello to the first member that it sees, and leaves when
 * the program ends.
 *
 *     node apps/examples/src/layer.ts a                         # prints where it listens
 *     node apps/examples/src/layer.ts b tls://127.0.0.1:41234   # in another terminal
 *
 * The nodes of a cluster share a cookie: GC_COOKIE, or else the file ~/.gc.cookie, which the first start makes.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Address from "@gc/core/Address"
import * as Channel from "@gc/core/Channel"
import * as Cluster from "@gc/core/Cluster"
import * as Static from "@gc/discovery-static"
import * as Tcp from "@gc/transport-tcp"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

const [name = "a", ...seeds] = process.argv.slice(2)

const print = (line: string) => Effect.sync(() => void process.stdout.write(`${line}\n`))

const program = Effect.gen(function* () {
  const cluster = yield* Cluster.Cluster
  const chat = yield* Channel.make("chat", Schema.Struct({ text: Schema.String }))
  yield* print(`listening on ${cluster.self.addresses.map(Address.format).join(" ")}`)

  yield* cluster.awaitMembers(2)
  yield* chat.broadcast({ text: `hello from ${cluster.self.name}` })

  const heard = yield* Stream.runCollect(Stream.take(chat.messages, 1))
  yield* print(heard.map(({ from, message }) => `${from} says: ${message.text}`).join("\n"))
})

const ClusterLive = Cluster.layer({
  cluster: "examples",
  node: `${name}@127.0.0.1`,
  cookie: process.env["GC_COOKIE"]
}).pipe(Layer.provide([Static.layer(seeds), Tcp.layer({ host: "127.0.0.1", port: 0 })]))

program.pipe(Effect.scoped, Effect.provide(ClusterLive), NodeRuntime.runMain)
