import type { Diagnosis } from "@gc/core/Cluster"
import { Discovery, type Source } from "@gc/core/Discovery"
import * as Peer from "@gc/core/Peer"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { type CliFailure, failure } from "../failure.ts"
import type { Entrance } from "./entrance.ts"
import { bareDetail, messageOf } from "./finding.ts"
import { listens, partsOf } from "./sources.ts"

/** How long somebody is looked for before nobody is reachable, in words. */
const patience = "12 seconds"

/** Peers that are walked to at once, and the most of all. */
const concurrency = 4
const maxPeers = 64

/** The most reasons that are told. */
const maxReasons = 8

/** A node that can be watched. */
export interface Reached {
  readonly peer: Peer.Peer
  readonly node: NonNullable<Diagnosis["node"]>
}

const messageOfCause = (cause: Cause.Cause<unknown>): string => messageOf(Cause.squash(cause))

/** Whom the sources name: the first look of each, and every look of those that listen. They announce nothing. */
const found = ({ configuration, context }: Entrance, complain: (text: string) => void): Stream.Stream<Peer.Peer> => {
  const looks = (key: string, source: Source) =>
    (listens(key) ? source.looks(context) : Stream.take(source.looks(context), 1)).pipe(
      Stream.flatMap((look) => {
        if (look._tag === "Peers") return Stream.fromIterable(look.peers)
        complain(look.error.message)
        return Stream.empty
      })
    )
  return Stream.mergeAll(
    configuration.discoveries.map(({ key, layer }) =>
      Stream.unwrap(
        Effect.map(Layer.build(layer), (built) =>
          Stream.mergeAll(
            partsOf(Context.get(built, Discovery)).map((part) => looks(key, part)),
            { concurrency: "unbounded" }
          )
        )
      ).pipe(
        Stream.scoped,
        Stream.catchCause((cause) => {
          complain(`discovery ${key}: ${messageOfCause(cause)}`)
          return Stream.empty
        })
      )
    ),
    { concurrency: "unbounded" }
  )
}

const brokenStep = (diagnosis: Diagnosis): string => {
  const step = diagnosis.steps.findLast((each) => !each.ok)
  return `${diagnosis.peer}: ${step === undefined ? "it does not say who it is" : `${step.step}: ${bareDetail(step.detail)}`}`
}

/**
 * The first node that answers, of `known`, of the entrance's own, and of those that its sources find within 12 seconds. Fails
 * with why nobody does.
 */
export const reach = (entrance: Entrance, known: ReadonlyArray<Peer.Peer> = []): Effect.Effect<Reached, CliFailure> =>
  Effect.suspend(() => {
    const reasons = new Set<string>()
    const tried = new Set<string>()
    const complain = (text: string): void => void (reasons.size < maxReasons && reasons.add(text))
    const isNew = (peer: Peer.Peer): boolean => {
      const text = Peer.format(peer)
      if (tried.has(text) || tried.size >= maxPeers) return false
      tried.add(text)
      return true
    }
    const walk = (peer: Peer.Peer) =>
      Effect.map(entrance.observer.diagnose(peer), (diagnosis): Option.Option<Reached> => {
        const { node, ok } = diagnosis
        if (ok && node !== undefined) return Option.some({ peer, node })
        complain(brokenStep(diagnosis))
        return Option.none()
      })
    const first = Stream.fromIterable([...known, ...entrance.first])
    const candidates = Stream.concat(first, found(entrance, complain)).pipe(Stream.filter(isNew))
    return candidates.pipe(
      Stream.mapEffect(walk, { concurrency, unordered: true }),
      Stream.filterMap(Result.fromOption(() => undefined)),
      Stream.runHead,
      Effect.timeoutOption(patience),
      Effect.flatMap((head) => {
        const node = Option.flatten(head)
        if (Option.isSome(node)) return Effect.succeed(node.value)
        const why = reasons.size === 0 ? ["no source names anybody"] : [...reasons]
        const hint = "gcluster doctor tells more"
        return Effect.fail(
          failure("failed", ["no node can be reached:", ...why.map((each) => `  ${each}`), hint].join("\n"))
        )
      })
    )
  })
