import * as Address from "@gc/core/Address"
import { Discovery, type DiscoveryContext, type Look, RefreshInterval, type Source } from "@gc/core/Discovery"
import type { DiscoveryError } from "@gc/core/Discovery"
import * as NodeName from "@gc/core/NodeName"
import * as Peer from "@gc/core/Peer"
import { assert } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import type { DiscoveryCapabilities, DiscoveryWorld } from "../../DiscoveryCapabilities.ts"
import { type Section, until, within } from "../check.ts"

/** The source under test, and what a check needs to ask it. */
export interface Subject {
  readonly source: Source
  readonly world: DiscoveryWorld
  readonly capabilities: DiscoveryCapabilities
  /** Fails when the effect takes longer than the source's patience. */
  readonly soon: <A, E, R>(what: string, effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

export type DiscoverySection = Section<Subject, DiscoveryCapabilities>

/** The layer stays built as long as the check runs. */
export const makeSubject = Effect.fnUntraced(function* (world: DiscoveryWorld, capabilities: DiscoveryCapabilities) {
  const patience = Duration.fromInputUnsafe(capabilities.patience ?? Duration.seconds(5))
  const soon: Subject["soon"] = (what, effect) => within(patience, what, effect)
  const context = yield* soon("the layer", Layer.build(world.layer))
  const subject: Subject = { source: Context.get(context, Discovery), world, capabilities, soon }
  return subject
})

const hex = (text: string) => Array.from(text, (character) => character.charCodeAt(0).toString(16)).join("")

/** A node that looks for others; two of different names are nodes of different clusters. */
export const contextOf = (name: string, addresses: ReadonlyArray<Address.Address> = []): DiscoveryContext => ({
  self: {
    cluster: `suite-${name}`,
    name: NodeName.make(`${name}@127.0.0.1`),
    instance: hex(name).padEnd(32, "0").slice(0, 32),
    generation: 1_700_000_000_000,
    addresses: addresses.length > 0 ? addresses : [Address.make("tcp", "127.0.0.1", 4999)]
  },
  key: (purpose) => Option.some(keyOf(purpose)),
  keys: (purpose) => [{ label: "k0", key: keyOf(purpose) }]
})

const keyOf = (purpose: string) =>
  Redacted.make(Uint8Array.from({ length: 32 }, (_, index) => purpose.charCodeAt(index % purpose.length)))

/** A source that is running: what it said so far, and how it ended. */
export interface Run {
  readonly looks: ReadonlyArray<Look>
  readonly exit: () => Exit.Exit<void, DiscoveryError> | undefined
  /** Interrupts the stream, and waits for its finalizers. */
  readonly stop: Effect.Effect<void>
}

export const run = Effect.fnUntraced(function* (
  subject: Subject,
  context: DiscoveryContext,
  interval = Duration.millis(50)
) {
  const looks: Array<Look> = []
  const collecting = Stream.runForEach(subject.source.looks(context), (look) =>
    Effect.sync(() => void looks.push(look))
  )
  const fiber = yield* Effect.forkScoped(Effect.provideService(collecting, RefreshInterval, interval))
  const started: Run = {
    looks,
    exit: () => fiber.pollUnsafe(),
    stop: subject.soon("the end of an interrupted source", Fiber.interrupt(fiber))
  }
  return started
})

const keysOf = (peers: ReadonlyArray<Peer.Peer>): ReadonlyArray<string> =>
  [...new Set(peers.map(Peer.format))].toSorted()

/** Whether a look is exactly this set; how often a peer is in it does not count. */
export const isSet = (look: Look | undefined, peers: ReadonlyArray<Peer.Peer>): boolean =>
  look?._tag === "Peers" && keysOf(look.peers).join("\n") === keysOf(peers).join("\n")

/** Suspends until the source said something for which the condition holds, from the given look on. */
export const awaitLook = (
  subject: Subject,
  running: Run,
  what: string,
  condition: (look: Look) => boolean,
  from = 0
): Effect.Effect<Look> =>
  Effect.map(
    subject.soon(
      what,
      until(() => {
        const exit = running.exit()
        assert.isFalse(exit?._tag === "Failure", `the source does not break: ${String(exit)}`)
        return running.looks.slice(from).some(condition)
      })
    ),
    () => running.looks.slice(from).find(condition)!
  )

/** Suspends until a look is exactly this set. */
export const awaitSet = (subject: Subject, running: Run, peers: ReadonlyArray<Peer.Peer>, from = 0) =>
  awaitLook(
    subject,
    running,
    `a look that found ${peers.map(Peer.format).join(", ") || "nobody"}`,
    (look) => isSet(look, peers),
    from
  )
