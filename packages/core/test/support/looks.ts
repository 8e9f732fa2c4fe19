import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as Address from "../../src/Address.ts"
import * as Discovery from "../../src/Discovery.ts"
import * as NodeName from "../../src/NodeName.ts"
import * as Peer from "../../src/Peer.ts"

/** What sources learn of the node `a@rosa`, which has no cookie. */
export const context: Discovery.DiscoveryContext = {
  self: {
    cluster: "test",
    name: NodeName.make("a@rosa"),
    instance: "00112233445566778899aabbccddeeff",
    generation: 1,
    addresses: [Address.make("tcp", "10.0.0.1", 4370)]
  },
  key: () => Option.none(),
  keys: () => []
}

/** A peer from its name or its address. */
export const peer = (text: string): Peer.Peer =>
  text.includes("://") ? Peer.fromAddress(Address.parseUnsafe(text)) : Peer.fromName(NodeName.make(text))

/** A look that found these. */
export const found = (...texts: ReadonlyArray<string>): Discovery.Look => Discovery.peers(texts.map(peer))

export const lookFailed = (source: string): Discovery.DiscoveryError =>
  new Discovery.DiscoveryError({ source, reason: new Discovery.LookFailed({ detail: "no answer" }) })

/** After so many milliseconds: this set, a failed look, a break of the source, a defect, or nothing ever again. */
export type Step = readonly [
  after: number,
  says: ReadonlyArray<string> | "failed" | "breaks" | "dies" | "interrupts itself" | "waits"
]

const act = (source: string, says: Step[1]): Effect.Effect<Discovery.Look, Discovery.DiscoveryError> => {
  if (typeof says !== "string") return Effect.succeed(found(...says))
  if (says === "failed") return Effect.succeed(Discovery.unknown(lookFailed(source)))
  if (says === "breaks") return Effect.fail(lookFailed(source))
  if (says === "dies") return Effect.die(new Error("a bug"))
  return says === "waits" ? Effect.never : Effect.interrupt
}

/** A source that plays one script at each run, the last one again and again. A script that is through ends the source. */
export const scripted = (name: string, ...scripts: ReadonlyArray<ReadonlyArray<Step>>): Discovery.Source => {
  let runs = 0
  return Discovery.make({
    name,
    looks: () =>
      Stream.fromIterable(scripts[Math.min(runs++, scripts.length - 1)] ?? []).pipe(
        Stream.mapEffect(([after, says]) => Effect.delay(act(name, says), after))
      )
  })
}

/** `b@rosa c@rosa` for a set, `!` and the message for a failed look. */
const says = (look: Discovery.Look): string =>
  look._tag === "Peers" ? look.peers.map(Peer.format).join(" ") || "nobody" : `! ${look.error.message}`

/** What a source said so far. */
export interface Record {
  readonly looks: Array<Discovery.Look>
  /** `time source: what it says`, and last how it ended: `time end`, or the failure. Times count from the start. */
  readonly lines: Array<string>
  readonly fiber: Fiber.Fiber<unknown>
}

/**
 * Runs a source in the background, with jitter that changes nothing. All that it does at once is done.
 *
 * It begins with a sleep, because the test clock waits for what it woke until that sleeps again.
 */
export const record = Effect.fnUntraced(function* (
  source: Discovery.Source,
  inContext: Discovery.DiscoveryContext = context
): Effect.fn.Return<Record, never, Scope.Scope> {
  const looks: Array<Discovery.Look> = []
  const lines: Array<string> = []
  const start = (yield* Clock.currentTimeMillis) + 1
  const note = (what: string): Effect.Effect<void> =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      lines.push(`${now - start} ${what}`)
    })
  const fiber = yield* Stream.runForEach(source.looks(inContext), (look) => {
    looks.push(look)
    return note(`${look.source}: ${says(look)}`)
  }).pipe(
    Effect.andThen(note("end")),
    Effect.catch((error) => note(`broke: ${error.message}`)),
    withSteadyJitter,
    Effect.delay(1),
    Effect.forkScoped({ startImmediately: true })
  )
  yield* TestClock.adjust(1)
  return { looks, lines, fiber }
})

/** All jitters in the middle: a pause is as long as its schedule says. */
const withSteadyJitter = Effect.provideService(Random.Random, {
  nextIntUnsafe: () => 0,
  nextDoubleUnsafe: () => 0.5
})

/** All looks of a source that ends. */
export const collect = (
  source: Discovery.Source
): Effect.Effect<ReadonlyArray<Discovery.Look>, Discovery.DiscoveryError> => Stream.runCollect(source.looks(context))

/** The last good set of each source, by its name, from looks in order. */
export const setsOf = (looks: ReadonlyArray<Discovery.Look>): ReadonlyMap<string, ReadonlyArray<string>> =>
  new Map(looks.flatMap((look) => (look._tag === "Peers" ? [[look.source, look.peers.map(Peer.format)]] : [])))

/** Everybody whom some source vouches for, in no order. */
export const unionOf = (looks: ReadonlyArray<Discovery.Look>): ReadonlySet<string> =>
  new Set([...setsOf(looks).values()].flat())
