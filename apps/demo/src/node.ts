/**
 * One node of the demo, a process of its own: reads its configuration and then orders from stdin, and reports on stdout.
 * It ends when it is told to leave, and when its stdin ends because whoever started it is gone.
 */
import * as Channel from "@gc/core/Channel"
import * as Cluster from "@gc/core/Cluster"
import * as Address from "@gc/core/Address"
import type { ClusterEvent } from "@gc/core/ClusterEvent"
import * as Static from "@gc/discovery-static"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Tcp from "@gc/transport-tcp"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Queue from "effect/Queue"
import * as References from "effect/References"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { flushCompileCache } from "node:module"
import { Configuration, Order, short } from "./messages.ts"
import { report, reportLog, self } from "./reporter.ts"
import { stdinLines } from "./stdinLines.ts"

const Chat = Schema.Struct({ text: Schema.String })

const clusterLayer = ({ cluster, cookie, name, peers }: Configuration) =>
  Cluster.layer({ cluster, node: name, cookie }).pipe(
    Layer.provide(Static.layer(peers)),
    Layer.provide(Tcp.layer({ host: "127.0.0.1", port: 0 }))
  )

const eventNames = {
  Up: "up",
  Updated: "updated",
  Suspected: "suspected",
  Recovered: "recovered",
  Unreachable: "unreachable",
  Reachable: "reachable",
  Left: "left",
  Removed: "removed",
  NameConflict: "conflict"
} as const

const saw = (event: ClusterEvent) => {
  const sight = { peer: event.member.name, peerInstance: event.member.instance }
  return event._tag === "Down"
    ? report({ event: "down", ...sight, reason: event.reason })
    : report({ event: eventNames[event._tag], ...sight })
}

/** Joins, tells what it sees and hears, and does what it is told until it is told to leave. */
const takePart = Effect.fnUntraced(function* (orders: Stream.Stream<string>) {
  const cluster = yield* Cluster.Cluster
  self.instance = cluster.self.instance
  const chat = yield* Channel.make("chat", Chat)
  yield* cluster.events.pipe(
    Stream.filter(({ member }) => !member.self),
    Stream.runForEach(saw),
    Effect.forkScoped
  )
  yield* chat.messages.pipe(
    Stream.runForEach(({ from, message }) => report({ event: "heard", peer: from, text: message.text })),
    Effect.forkScoped
  )
  // What comes next starts from what this process has compiled.
  flushCompileCache()
  const address = cluster.self.addresses.map(Address.format).join(" ")
  yield* report({ event: "listening", pid: process.pid, address })
  yield* orders.pipe(
    Stream.mapEffect((line) => Schema.decodeUnknownEffect(Order)(line)),
    Stream.takeUntil((order) => order === "leave"),
    Stream.runForEach((order) => obey(order, chat))
  )
})

const obey = Effect.fnUntraced(function* (order: Order, chat: Channel.Channel<typeof Chat.Type>) {
  switch (order) {
    case "chat": {
      const text = `hello from ${short(self.node)}`
      yield* report({ event: "said", text })
      yield* chat.broadcast({ text })
      return
    }
    case "last-words":
      return yield* report({ event: "last-words" })
    case "leave":
      yield* report({ event: "leaving" })
      yield* Effect.flatMap(Cluster.Cluster, (cluster) => cluster.leave)
  }
})

const main = Effect.gen(function* () {
  const lines = yield* stdinLines
  const configuration = yield* Effect.flatMap(
    Queue.take(lines),
    Schema.decodeUnknownEffect(Schema.fromJsonString(Configuration))
  )
  self.node = configuration.name
  yield* takePart(Stream.fromQueue(lines)).pipe(Effect.scoped, Effect.provide(clusterLayer(configuration)))
}).pipe(
  Effect.scoped,
  Effect.catchTag("Done", () => Effect.void),
  Effect.tapError((error) => report({ event: "failed", message: error.message })),
  Effect.provide(Logger.layer([Logger.make(reportLog)])),
  Effect.provideService(References.MinimumLogLevel, "Warn")
)

NodeRuntime.runMain(main, { disableErrorReporting: true })
