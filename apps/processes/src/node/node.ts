/**
 * One process of the harness: one node as a rule, several where a crowd is wanted. It reads its configuration and then orders
 * from stdin, and reports on stdout. SIGTERM makes it leave, and so does the end of its stdin.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Cluster from "@gc/core/Cluster"
import type { ClusterEvent } from "@gc/core/ClusterEvent"
import { Transport } from "@gc/core/Transport"
import * as Tcp from "@gc/transport-tcp"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Queue from "effect/Queue"
import * as References from "effect/References"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Configuration, Order } from "../messages.ts"
import { finding } from "./finding.ts"
import { report, reportLog } from "./reporter.ts"
import { stdinLines } from "./stdinLines.ts"
import { counted, usage } from "./usage.ts"

type Node = Configuration["nodes"][number]

const clusterLayer = ({ cluster, cookie, finding: told, peerExchange }: Configuration, { host, name, port }: Node) =>
  Cluster.layer({ cluster, node: name, cookie, peerExchange }).pipe(
    Layer.provide(finding(told)),
    Layer.provide(Layer.succeed(Transport, counted(Tcp.make({ host, port }))))
  )

const saw = (event: ClusterEvent) =>
  report({
    report: "event",
    tag: event._tag,
    peer: event.member.name,
    peerInstance: event.member.instance,
    ...(event._tag === "Down" && { reason: event.reason })
  })

/** Joins for as long as the scope is open. */
const join = Effect.fnUntraced(function* (told: Configuration, node: Node) {
  const cluster = Context.get(yield* Layer.build(clusterLayer(told, node)), Cluster.Cluster)
  yield* report({ report: "listening", node: node.name, instance: cluster.self.instance })
  if (!told.events) return
  yield* cluster.events.pipe(
    Stream.filter(({ member }) => !member.self),
    Stream.runForEach(saw),
    Effect.forkScoped
  )
})

const obey = Effect.fnUntraced(function* (order: Order) {
  switch (order.order) {
    case "answer":
      return yield* report({ report: "answer", id: order.id })
    case "usage":
      return yield* report({ report: "usage", id: order.id, usage: yield* usage })
    case "block":
      yield* report({ report: "blocked" })
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, order.millis)
      return yield* report({ report: "unblocked" })
  }
})

const read = <A, I>(schema: Schema.Codec<A, I>) => Schema.decodeUnknownEffect(Schema.fromJsonString(schema))

const main = Effect.gen(function* () {
  const lines = yield* stdinLines
  yield* report({ report: "ready" })
  const told = yield* Effect.flatMap(Queue.take(lines), read(Configuration))
  yield* Effect.forEach(told.nodes, (node) => join(told, node), { discard: true })
  yield* Stream.runForEach(Stream.fromQueue(lines), (line) => Effect.flatMap(read(Order)(line), obey))
}).pipe(
  Effect.scoped,
  Effect.catchTag("Done", () => Effect.void),
  Effect.tapError((error) => report({ report: "failed", message: error.message })),
  Effect.provide(Logger.layer([Logger.make(reportLog)])),
  Effect.provideService(References.MinimumLogLevel, "Warn")
)

NodeRuntime.runMain(main, { disableErrorReporting: true })
