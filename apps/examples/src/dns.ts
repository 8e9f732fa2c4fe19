/**
 * Nodes that find each other by the SRV records of a name, which say each one's address and port.
 *
 *     node apps/examples/src/dns.ts a 4370 _gc._tcp.web.example.org                  # asks the servers of /etc/resolv.conf
 *     node apps/examples/src/dns.ts b 4371 _gc._tcp.web.example.org 127.0.0.1:5353   # asks this one
 *
 * In Kubernetes a headless Service has such records: apps/k8s.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Cluster from "@gc/core/Cluster"
import * as Dns from "@gc/discovery-dns"
import * as Tcp from "@gc/transport-tcp"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"

const [name = "a", port = "4370", domain = "_gc._tcp.web", ...servers] = process.argv.slice(2)

const ClusterLive = Cluster.layer({
  cluster: "examples",
  node: `${name}@127.0.0.1`,
  cookie: process.env["GC_COOKIE"]
}).pipe(
  Layer.provide([
    Dns.layer({ domain, type: "SRV", hostType: "ip", servers: servers.length > 0 ? servers : undefined }),
    Tcp.layer({ host: "127.0.0.1", port: Number(port) })
  ])
)

const program = Effect.gen(function* () {
  const cluster = yield* Cluster.Cluster
  yield* Stream.runForEach(cluster.events, (event) =>
    Effect.sync(() => void process.stdout.write(`${event._tag} ${event.member.name}\n`))
  )
})

program.pipe(Effect.provide(ClusterLive), NodeRuntime.runMain)
