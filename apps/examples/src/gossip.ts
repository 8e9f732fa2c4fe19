/**
 * Nodes that find each other with nothing set up: each says by UDP multicast that it is there. Here it stays on this machine.
 *
 *     node apps/examples/src/gossip.ts a    # in one terminal
 *     node apps/examples/src/gossip.ts b    # in another; a second argument is another group than 230.1.1.251
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Cluster from "@gc/core/Cluster"
import * as Gossip from "@gc/discovery-gossip"
import * as Tcp from "@gc/transport-tcp"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"

const [name = "a", multicastAddr] = process.argv.slice(2)

const ClusterLive = Cluster.layer({
  cluster: "examples",
  node: `${name}@127.0.0.1`,
  cookie: process.env["GC_COOKIE"]
}).pipe(
  Layer.provide([Gossip.layer({ multicastAddr, multicastIf: "127.0.0.1" }), Tcp.layer({ host: "127.0.0.1", port: 0 })])
)

const program = Effect.gen(function* () {
  const cluster = yield* Cluster.Cluster
  yield* Stream.runForEach(cluster.events, (event) =>
    Effect.sync(() => void process.stdout.write(`${event._tag} ${event.member.name}\n`))
  )
})

program.pipe(Effect.provide(ClusterLive), NodeRuntime.runMain)
