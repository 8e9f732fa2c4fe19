import type { ConfiguredDiscovery } from "@gc/core/Configuration"
import {
  Discovery,
  type DiscoveryCode,
  type DiscoveryContext,
  DiscoveryError,
  type Look,
  type Source
} from "@gc/core/Discovery"
import type { Peer } from "@gc/core/Peer"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { messageOf } from "./finding.ts"

/** A source whose looks grow while it listens: it has no first answer that is whole. */
const listening: ReadonlySet<string> = new Set(["gossip"])

/** Whether the source of a key has no first answer that is whole. */
export const listens = (key: string): boolean => listening.has(key)

/** No look of a source that asks takes longer; its own timeouts are shorter. */
const patience = Duration.seconds(15)

/** How long sources that listen are listened to. */
export const defaultListening: Duration.Duration = Duration.seconds(6)

/** What one source says now. */
export interface Seen {
  /** The key of its entry in the configuration. */
  readonly key: string
  /** Its own name: `epmd:rosa`. */
  readonly source: string
  /** Whom it names; absent when it does not answer. */
  readonly peers?: ReadonlyArray<Peer>
  /** Why it does not answer. */
  readonly error?: string
  /** The same in one word, where the source has one. */
  readonly code?: DiscoveryCode
  /** It only listens: nobody there and nobody heard look the same. */
  readonly listens: boolean
}

type Answer = Pick<Seen, "peers" | "error" | "code">

/** Why there is no answer, whatever it is. */
const noAnswer = (error: unknown): Answer => {
  const code = error instanceof DiscoveryError ? error.code : undefined
  return { error: messageOf(error), ...(code !== undefined && { code }) }
}

const last = (looks: ReadonlyArray<Look>): Answer => {
  const look = looks.at(-1)
  if (look === undefined) return { peers: [] }
  return look._tag === "Peers" ? { peers: look.peers } : noAnswer(look.error)
}

/** The last of the looks that come within so long. */
const within = (source: Source, context: DiscoveryContext, length: Duration.Duration) =>
  Effect.suspend(() => {
    let looks: ReadonlyArray<Look> = []
    return Stream.runForEach(source.looks(context), (look) => Effect.sync(() => void (looks = [look]))).pipe(
      Effect.timeoutOption(length),
      Effect.map(() => last(looks))
    )
  })

const first = (source: Source, context: DiscoveryContext) =>
  Stream.runHead(source.looks(context)).pipe(
    Effect.map((head) => (head._tag === "Some" ? last([head.value]) : { peers: [] })),
    Effect.timeoutOrElse({
      duration: patience,
      orElse: () =>
        Effect.succeed<Answer>({ error: `it gave no look within ${Duration.toSeconds(patience)} s`, code: "no_answer" })
    })
  )

const lookBy = (key: string, source: Source, context: DiscoveryContext, length: Duration.Duration) => {
  const look = listens(key) ? within(source, context, length) : first(source, context)
  return Effect.exit(Effect.scoped(look)).pipe(
    Effect.map((exit): Seen => {
      const of = { key, source: source.name, listens: listens(key) }
      return { ...of, ...(Exit.isSuccess(exit) ? exit.value : noAnswer(Cause.squash(exit.cause))) }
    })
  )
}

/** The sources of a merged one; any other is its own. */
export const partsOf = (source: Source): ReadonlyArray<Source> => source.sources?.flatMap(partsOf) ?? [source]

/**
 * What every source of a configuration finds now, each on its own and at the same time. None announces anything, for the
 * context says so. `tell` hears of each as it has answered.
 */
export const lookAtAll = <E, R>(options: {
  readonly discoveries: ReadonlyArray<ConfiguredDiscovery>
  readonly context: DiscoveryContext
  readonly listenFor?: Duration.Duration | undefined
  readonly tell: (seen: Seen) => Effect.Effect<void, E, R>
}): Effect.Effect<ReadonlyArray<Seen>, E, R> =>
  Effect.forEach(
    options.discoveries,
    ({ key, layer }) =>
      Effect.scoped(
        Effect.gen(function* () {
          const built = yield* Effect.exit(Layer.build(layer))
          if (Exit.isFailure(built)) {
            const seen: Seen = { key, source: key, listens: false, ...noAnswer(Cause.squash(built.cause)) }
            yield* options.tell(seen)
            return [seen]
          }
          const source = Context.get(built.value, Discovery)
          return yield* Effect.forEach(
            partsOf(source),
            (part) =>
              Effect.tap(lookBy(key, part, options.context, options.listenFor ?? defaultListening), options.tell),
            { concurrency: "unbounded" }
          )
        })
      ),
    { concurrency: "unbounded" }
  ).pipe(Effect.map((seen) => seen.flat()))
