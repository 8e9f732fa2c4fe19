/**
 * A node that starts on boot from its configuration file, inside a program of one's own, with a discovery of one's own beside
 * those of gc. Without a file it is alone, and says so.
 *
 *     node apps/examples/src/file.ts a.json    # {"cluster": "orders", "node": "a@127.0.0.1", "discovery": {"static": …}}
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Cluster from "@gc/core/Cluster"
import * as Static from "@gc/discovery-static"
import * as Tcp from "@gc/transport-tcp"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as SharedFolder from "./shared-folder.ts"

const [path = "gc.json"] = process.argv.slice(2)

const ClusterLive = Cluster.layerFile(path, {
  discovery: [Static.plugin, SharedFolder.plugin],
  transport: [Tcp.plugin]
})

const program = Effect.gen(function* () {
  const cluster = yield* Cluster.Cluster
  yield* Stream.runForEach(cluster.events, (event) =>
    Effect.sync(() => void process.stdout.write(`${event._tag} ${event.member.name}\n`))
  )
})

program.pipe(Effect.provide(ClusterLive), NodeRuntime.runMain)
