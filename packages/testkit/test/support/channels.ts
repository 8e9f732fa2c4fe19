import * as Channel from "@gc/core/Channel"
import * as Cluster from "@gc/core/Cluster"
import * as NodeName from "@gc/core/NodeName"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { allSee, makeWorld, type Settings, type TestNode, until } from "./world.ts"

const Chat = Schema.Struct({ text: Schema.String })

export const nameOf = (node: TestNode) => NodeName.make(`${node.name}@${node.name}`)

export const nodes = Effect.fnUntraced(function* (
  names: ReadonlyArray<string>,
  settings: Settings & { window?: number } = {}
) {
  const { window, ...options } = settings
  const world = yield* makeWorld(window === undefined ? {} : { window })
  const started = yield* world.startAll(names, options)
  yield* until("the mesh is full", allSee(started, names))
  return { world, network: world.network, started }
})

export const pair = Effect.fnUntraced(function* (settings: Settings = {}) {
  const { network, started, world } = yield* nodes(["a", "b"], settings)
  const [a, b] = started as [TestNode, TestNode]
  return { world, network, a, b }
})

export const on = <A, E, R>(node: TestNode, effect: Effect.Effect<A, E, R | Cluster.Cluster>) =>
  Effect.provideService(effect, Cluster.Cluster, node.cluster)

export const open = (node: TestNode, name = "chat") => on(node, Channel.make(name, Chat))
export const openBytes = (node: TestNode, name = "bytes") => on(node, Channel.bytes(name))

/** What a channel yields from now on. */
export const collect = Effect.fnUntraced(function* <A>(channel: Channel.Channel<A>) {
  const messages: Array<Channel.Message<A>> = []
  yield* Stream.runForEach(channel.messages, (message) => Effect.sync(() => void messages.push(message))).pipe(
    Effect.forkScoped({ startImmediately: true })
  )
  return messages
})

export const numbered = (count: number) => Array.from({ length: count }, (_, index) => ({ text: String(index) }))
export const bytesOf = (size: number, fill = 1) => new Uint8Array(size).fill(fill)
export const soon = TestClock.adjust("100 millis")
