/**
 * A cluster over TCP and WebSocket at once: each node says what it listens on, and dials both.
 *
 *     node apps/examples/src/tcp-and-ws.ts a tcp ws             # prints where it listens
 *     node apps/examples/src/tcp-and-ws.ts b tcp tls://…        # in other terminals, with an address of a
 *     node apps/examples/src/tcp-and-ws.ts c ws wss://…
 *
 * It leaves when it sees three members, or on SIGTERM. The nodes of a cluster share a cookie: GC_COOKIE, or else the file
 * ~/.gc.cookie.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Address from "@gc/core/Address"
import * as Cluster from "@gc/core/Cluster"
import * as Transport from "@gc/core/Transport"
import * as Static from "@gc/discovery-static"
import * as Tcp from "@gc/transport-tcp"
import * as Ws from "@gc/transport-ws"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const [name = "a", ...rest] = process.argv.slice(2)
const seeds = rest.filter((argument) => argument.includes("://"))

const local = { host: "127.0.0.1", port: 0 }
const [tcp, ws] = [Tcp.make(local), Ws.make(local)]
const both = Transport.merge(tcp, ws)

// Where a node listens is one thing, and what it can dial another: without the second, nodes on TCP alone and on WebSocket
// alone would see the node on both, and not each other.
const listening = rest.includes("tcp") ? (rest.includes("ws") ? both : tcp) : ws
const TransportLive = Layer.succeed(Transport.Transport, { ...both, listen: listening.listen })

const program = Effect.gen(function* () {
  const cluster = yield* Cluster.Cluster
  process.stdout.write(`listening on ${cluster.self.addresses.map(Address.format).join(" ")}\n`)
  yield* cluster.awaitMembers(3)
  const members = yield* cluster.members
  process.stdout.write(`members: ${members.map((member) => member.name).join(" ")}\n`)
  // The others see three members before this one leaves.
  yield* Effect.sleep("1 second")
})

const ClusterLive = Cluster.layer({
  cluster: "examples",
  node: `${name}@127.0.0.1`,
  cookie: process.env["GC_COOKIE"]
}).pipe(Layer.provide([Static.layer(seeds), TransportLive]))

program.pipe(Effect.provide(ClusterLive), NodeRuntime.runMain)
