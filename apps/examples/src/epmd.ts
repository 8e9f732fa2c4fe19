/**
 * Nodes that find each other as Erlang's do: each registers at the epmd of this machine, at port 4369 or ERL_EPMD_PORT. Where
 * there is none, the first node serves as one.
 *
 *     node apps/examples/src/epmd.ts a    # in one terminal
 *     node apps/examples/src/epmd.ts b    # in another
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Cluster from "@gc/core/Cluster"
import * as Epmd from "@gc/discovery-epmd"
import * as Tcp from "@gc/transport-tcp"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"

const [name = "a"] = process.argv.slice(2)

const ClusterLive = Cluster.layer({
  cluster: "examples",
  node: `${name}@127.0.0.1`,
  cookie: process.env["GC_COOKIE"]
}).pipe(Layer.provide([Epmd.layer(), Tcp.layer({ host: "127.0.0.1", port: 0 })]))

const program = Effect.gen(function* () {
  const cluster = yield* Cluster.Cluster
  yield* Stream.runForEach(cluster.events, (event) =>
    Effect.sync(() => void process.stdout.write(`${event._tag} ${event.member.name}\n`))
  )
})

program.pipe(Effect.provide(ClusterLive), NodeRuntime.runMain)
