/**
 * A discovery whose set a test changes by hand.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"
import * as Discovery from "@gc/core/Discovery"
import type { LocalNode } from "@gc/core/LocalNode"
import type { Peer } from "@gc/core/Peer"

/**
 * A source of looks that says what the test says, to every node that runs it.
 *
 * **Details**
 *
 * A node that begins to run it hears the last look first, if there was one; so does a node that runs it again after `break`.
 *
 * @category models
 * @since 0.1.0
 */
export interface TestDiscovery {
  readonly source: Discovery.Source
  /** `source` as a layer. */
  readonly layer: Layer.Layer<Discovery.Discovery>
  /** A look that found this whole set. */
  readonly set: (peers: ReadonlyArray<Peer>) => Effect.Effect<void>
  /** A look that failed: `LookFailed` with this detail, or this error. */
  readonly fail: (error: string | Discovery.DiscoveryError) => Effect.Effect<void>
  /** The source itself breaks: the streams that run now fail, with `SourceBroken` and this detail, or with this error. */
  readonly break: (error: string | Discovery.DiscoveryError) => Effect.Effect<void>
  /** The last set is final: the streams that run end, and so do later ones, after it. */
  readonly end: Effect.Effect<void>
  /** The nodes that run it now. */
  readonly running: Effect.Effect<ReadonlyArray<LocalNode>>
  /** Those of them that did not ask with `announce: false` that nobody is told of them. */
  readonly announced: Effect.Effect<ReadonlyArray<LocalNode>>
  /** Suspends until so many run it. */
  readonly awaitRunning: (count: number) => Effect.Effect<void>
}

type Looks = Queue.Queue<Discovery.Look, Discovery.DiscoveryError | Cause.Done>

interface Run {
  readonly self: LocalNode
  readonly announced: boolean
  readonly looks: Looks
}

/**
 * A source without a first look, named `test` unless it is given a name; or with the first set `peers`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* (
  options: { readonly name?: string | undefined; readonly peers?: ReadonlyArray<Peer> | undefined } = {}
): Effect.fn.Return<TestDiscovery> {
  const name = options.name ?? "test"
  const runs = yield* SubscriptionRef.make<ReadonlyArray<Run>>([])
  let last: Discovery.Look | undefined = options.peers === undefined ? undefined : Discovery.peers(options.peers)
  let ended = false

  const each = (act: (looks: Looks) => void) =>
    Effect.map(SubscriptionRef.get(runs), (all) => all.forEach((run) => act(run.looks)))

  const look = (next: Discovery.Look) =>
    Effect.suspend(() => {
      last = next
      return each((looks) => Queue.offerUnsafe(looks, next))
    })

  const failedWith = (reason: Discovery.DiscoveryReason) => new Discovery.DiscoveryError({ source: name, reason })

  const source = Discovery.make({
    name,
    looks: ({ announce, self }) =>
      Stream.unwrap(
        Effect.gen(function* () {
          const run: Run = {
            self,
            announced: announce !== false,
            looks: yield* Queue.unbounded<Discovery.Look, Discovery.DiscoveryError | Cause.Done>()
          }
          if (last !== undefined) Queue.offerUnsafe(run.looks, last)
          if (ended) Queue.endUnsafe(run.looks)
          yield* Effect.acquireRelease(
            SubscriptionRef.update(runs, (all) => [...all, run]),
            () => SubscriptionRef.update(runs, (all) => all.filter((other) => other !== run))
          )
          return Stream.fromQueue(run.looks)
        })
      )
  })

  return {
    source,
    layer: Layer.succeed(Discovery.Discovery, source),
    set: (peers) => look(Discovery.peers(peers)),
    fail: (error) =>
      look(
        Discovery.unknown(typeof error === "string" ? failedWith(new Discovery.LookFailed({ detail: error })) : error)
      ),
    break: (error) => {
      const broken = typeof error === "string" ? failedWith(new Discovery.SourceBroken({ detail: error })) : error
      return each((looks) => Queue.failCauseUnsafe(looks, Cause.fail(broken)))
    },
    end: Effect.suspend(() => {
      ended = true
      return each((looks) => Queue.endUnsafe(looks))
    }),
    running: Effect.map(SubscriptionRef.get(runs), (all) => all.map((run) => run.self)),
    announced: Effect.map(SubscriptionRef.get(runs), (all) =>
      all.filter((run) => run.announced).map((run) => run.self)
    ),
    awaitRunning: (count) =>
      SubscriptionRef.changes(runs).pipe(
        Stream.filter((all) => all.length === count),
        Stream.take(1),
        Stream.runDrain
      )
  }
})

/**
 * `make` as a layer of `Discovery`, for sets that do not change.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (peers: ReadonlyArray<Peer>): Layer.Layer<Discovery.Discovery> =>
  Layer.unwrap(Effect.map(make({ peers }), (discovery) => discovery.layer))
