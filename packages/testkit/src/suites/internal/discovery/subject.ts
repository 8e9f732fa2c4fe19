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
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { DiscoveryCapabilities, DiscoveryWorld } from "../../DiscoveryCapabilities.ts"
import { openSockets, openWork, type Section, tick, until, within } from "../check.ts"

/** The source under test, and what a check needs to ask it. */
export interface Subject {
  readonly source: Source
  /** The source of a layer that is built anew. */
  readonly rebuilt: Effect.Effect<Source, unknown, Scope.Scope>
  /** Of how many sources it is made; more than one when it is merged. */
  readonly parts: number
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
  const rebuilt = Effect.map(soon("the layer", Layer.build(world.layer)), (context) => Context.get(context, Discovery))
  for (const [capability, effect] of [
    ["changes", "set"],
    ["fails", "fail"],
    ["hangs", "hang"],
    ["announces", "announced"]
  ] as const) {
    if (capabilities[capability] !== true) continue
    assert.isDefined(world[effect], `its capabilities say "${capability}", and its world has no "${effect}"`)
  }
  const source = yield* rebuilt
  const subject: Subject = { source, rebuilt, parts: source.sources?.length ?? 1, world, capabilities, soon }
  return subject
})

const hex = (text: string) => Array.from(text, (character) => character.charCodeAt(0).toString(16)).join("")

/** A node that looks for others; two of different names are nodes of different clusters, where nothing else is said. */
export const contextOf = (
  name: string,
  addresses: ReadonlyArray<Address.Address> = [],
  cluster = `suite-${name}`
): DiscoveryContext => ({
  self: {
    cluster,
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

/** The context of a node that is not to be told of. */
export const unannounced = (name: string): DiscoveryContext => ({ ...contextOf(name), announce: false })

/**
 * A look, and what is believed after it: the union of the last good sets of all sources, once each has said one. Of a source
 * that is not merged that is the set of its last good look.
 */
export type Heard = Look & { readonly set: ReadonlyArray<Peer.Peer> | undefined }

/** A source that is running: what it said so far, and how it ended. */
export interface Run {
  readonly looks: ReadonlyArray<Heard>
  readonly exit: () => Exit.Exit<void, DiscoveryError> | undefined
  /** Interrupts the stream, and waits for its finalizers. */
  readonly stop: Effect.Effect<void>
}

export const run = Effect.fnUntraced(function* (
  subject: Subject,
  context: DiscoveryContext,
  interval = Duration.millis(50),
  source: Source = subject.source
) {
  const looks: Array<Heard> = []
  const good = new Map<string, ReadonlyArray<Peer.Peer>>()
  const collecting = Stream.runForEach(source.looks(context), (look) =>
    Effect.sync(() => {
      if (look._tag === "Peers") good.set(look.source, look.peers)
      looks.push({ ...look, set: good.size < subject.parts ? undefined : [...good.values()].flat() })
    })
  )
  const fiber = yield* Effect.forkScoped(Effect.provideService(collecting, RefreshInterval, interval))
  const started: Run = {
    looks,
    exit: () => fiber.pollUnsafe(),
    stop: subject.soon("the end of an interrupted source", Fiber.interrupt(fiber))
  }
  return started
})

/** Runs and interrupts it early and late: before it began, while it looks, and after it said something. */
export const interruptAtAnyMoment = Effect.fnUntraced(function* (subject: Subject) {
  for (let round = 0; round < 24; round++) {
    const running = yield* run(subject, contextOf("a"))
    for (let yields = 0; yields < round % 4; yields++) yield* Effect.yieldNow
    for (let ticks = 0; ticks < round % 6; ticks++) yield* tick
    if (round % 8 === 7) yield* Effect.sleep("20 millis")
    yield* running.stop
  }
})

/** What is open now, to be compared with what is later. */
export const openNow = (subject: Subject) =>
  subject.soon(
    "a look at what is open",
    Effect.sync(() => ({ sockets: openSockets(), work: openWork() }))
  )

/** Suspends until no more is open than before. */
export const awaitClosed = Effect.fnUntraced(function* (
  subject: Subject,
  before: { readonly sockets: number; readonly work: number }
) {
  yield* subject.soon(
    `the end of every socket, ${before.sockets} of them open before`,
    until(() => openSockets() <= before.sockets)
  )
  yield* subject.soon(
    `the end of every timer and every process, ${before.work} of them before`,
    until(() => openWork() <= before.work)
  )
})

/** Long enough for three looks at the suite's interval. */
export const aWhile: Effect.Effect<void> = Effect.sleep("200 millis")

const keysOf = (peers: ReadonlyArray<Peer.Peer>): ReadonlyArray<string> =>
  [...new Set(peers.map(Peer.format))].toSorted()

/** Whether a look came to exactly this set; how often a peer is in it does not count. */
export const isSet = (look: Heard | undefined, peers: ReadonlyArray<Peer.Peer>): boolean =>
  look?._tag === "Peers" && look.set !== undefined && keysOf(look.set).join("\n") === keysOf(peers).join("\n")

/**
 * Whether a good look came to one of these sets. The parts of a merged source change one after the other: between two sets it
 * may believe whatever lies between them.
 */
export const isOneOf = (subject: Subject, look: Heard, sets: ReadonlyArray<ReadonlyArray<Peer.Peer>>): boolean => {
  if (look.set === undefined || look._tag === "Unknown") return look._tag === "Unknown" || subject.parts > 1
  if (subject.parts === 1) return sets.some((peers) => isSet(look, peers))
  const believed = keysOf(look.set)
  const all = sets.map(keysOf)
  return (
    believed.every((key) => all.some((keys) => keys.includes(key))) &&
    all.every((keys) => keys.every((key) => believed.includes(key) || !all.every((others) => others.includes(key))))
  )
}

/** Suspends until the source said something for which the condition holds, from the given look on. */
export const awaitLook = (
  subject: Subject,
  running: Run,
  what: string,
  condition: (look: Heard) => boolean,
  from = 0
): Effect.Effect<Heard> =>
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
