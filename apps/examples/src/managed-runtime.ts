/**
 * A node in a program that knows nothing of Effect: a runtime holds the cluster, promises come out of it, and `dispose` leaves.
 *
 *     GC_COOKIE=… node apps/examples/src/managed-runtime.ts    # Ctrl-C leaves
 */
import * as Cluster from "@gc/core/Cluster"
import * as Static from "@gc/discovery-static"
import * as Tcp from "@gc/transport-tcp"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Stream from "effect/Stream"

const ClusterLive = Cluster.layer({
  cluster: "examples",
  node: "plain@127.0.0.1",
  cookie: process.env["GC_COOKIE"]
}).pipe(Layer.provide([Static.layer(process.argv.slice(2)), Tcp.layer({ host: "127.0.0.1", port: 0 })]))

const runtime = ManagedRuntime.make(ClusterLive)

const stop = async (): Promise<void> => {
  await runtime.dispose()
  process.stdout.write("left\n")
}
process.once("SIGINT", () => void stop())
process.once("SIGTERM", () => void stop())

const cluster = await runtime.runPromise(Cluster.Cluster)

const members = await runtime.runPromise(cluster.members)
process.stdout.write(`members: ${members.map((member) => member.name).join(", ")}\n`)

runtime.runFork(
  Stream.runForEach(cluster.events, (event) =>
    Effect.sync(() => void process.stdout.write(`${event._tag} ${event.member.name}\n`))
  )
)
