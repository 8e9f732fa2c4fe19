import type { ConnectError } from "@gc/core/ClusterError"
import type { ClusterEvent } from "@gc/core/ClusterEvent"
import { Entropy } from "@gc/core/Entropy"
import * as Observer from "@gc/core/Observer"
import * as Peer from "@gc/core/Peer"
import { Transport } from "@gc/core/Transport"
import { SeededEntropy } from "@gc/testkit"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { addressOf, type makeWorld } from "./world.ts"

type World = Effect.Success<ReturnType<typeof makeWorld>>

const cookie = `hex:${"0123456789abcdef".repeat(4)}`

/** An observer on a host of its own, by that host's clock. */
export const observerOn = Effect.fnUntraced(function* (
  world: World,
  host: string,
  options: Partial<Observer.Options> = {}
) {
  const services = Context.make(Transport, world.network.transport(host)).pipe(
    Context.add(Clock.Clock, world.network.clock(host)),
    Context.add(Entropy, SeededEntropy.make(host))
  )
  const observer = yield* Observer.make({ cluster: "test", name: `${host}@${host}`, cookie, ...options }).pipe(
    Effect.provideContext(services)
  )
  const observe = (peer: Peer.Peer) => Stream.provideContext(observer.observe(peer), services)
  return { ...observer, observe } satisfies Observer.Observer
})

const peerAt = (host: string): Peer.Peer => Peer.fromAddress(addressOf(host))

/** One that watches: what it was told so far, whether it reads, and how it ends. */
interface Watch {
  readonly told: ReadonlyArray<ClusterEvent | Observer.Synced>
  /** `told` as text: `Up a@a`, `Synced`, `Down c@c`. */
  readonly texts: () => ReadonlyArray<string>
  /** `told` without the mark. */
  readonly events: () => ReadonlyArray<ClusterEvent>
  readonly end: Effect.Effect<ConnectError | "ended">
  readonly stop: Effect.Effect<void>
}

/** Watches a node in the background; waits for `gate` before each thing that it takes in. */
export const watch = Effect.fnUntraced(function* (
  observer: Observer.Observer,
  host: string,
  gate: Effect.Effect<unknown> = Effect.void
) {
  const told: Array<ClusterEvent | Observer.Synced> = []
  const fiber = yield* observer.observe(peerAt(host)).pipe(
    Stream.runForEach((each) =>
      Effect.andThen(
        gate,
        Effect.sync(() => void told.push(each))
      )
    ),
    Effect.result,
    Effect.forkScoped({ startImmediately: true })
  )
  const watching: Watch = {
    told,
    texts: () => told.map((each) => (each._tag === "Synced" ? each._tag : `${each._tag} ${each.member.name}`)),
    events: () => told.flatMap((each) => (each._tag === "Synced" ? [] : [each])),
    end: Effect.map(Fiber.join(fiber), (result) => (Result.isFailure(result) ? result.failure : "ended")),
    stop: Fiber.interrupt(fiber)
  }
  return watching
})
