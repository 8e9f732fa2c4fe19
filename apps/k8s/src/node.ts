/**
 * The node: a member of the cluster from its start until it is told to stop.
 */
import * as Cluster from "@gc/core/Cluster"
import type { ClusterEvent } from "@gc/core/ClusterEvent"
import * as Dns from "@gc/discovery-dns"
import * as Tcp from "@gc/transport-tcp"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { serveHealth } from "./health.ts"
import { settings, type Settings } from "./settings.ts"

const clusterLayer = ({ cluster, cookieFile, dnsName, dnsType, host, node, port, resolvConf }: Settings) =>
  Cluster.layer({ cluster, node, cookieFile }).pipe(
    Layer.provide([
      Dns.layer({ domain: dnsName, type: dnsType, hostType: "ip", port, protocol: "tls", resolvConf }),
      Tcp.layer({ host, port })
    ])
  )

const saw = (event: ClusterEvent) =>
  Effect.logInfo([event._tag, event.member.name, ...(event._tag === "Down" ? [event.reason] : [])].join(" "))

/** Joins, serves the pages and logs what becomes of the others. When it is interrupted it leaves: the pages say so meanwhile. */
export const node = Effect.gen(function* () {
  const given = yield* settings
  const health = yield* serveHealth(given.healthPort)
  const cluster = Context.get(yield* Layer.build(clusterLayer(given)), Cluster.Cluster)
  yield* Effect.addFinalizer(() => Effect.sync(health.leaving))
  health.joined(cluster)
  yield* Stream.runForEach(cluster.events, saw)
}).pipe(Effect.scoped)
