import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import type { DiscoveryContext, Look, Source } from "../Discovery.ts"
import { DiscoveryError, SourceBroken } from "../DiscoveryError.ts"
import type { Peer } from "../Peer.ts"
import { supervise } from "./discoverySupervise.ts"

type Looks = (context: DiscoveryContext) => Stream.Stream<Look, DiscoveryError>

const stamp = (name: string, look: Look): Look =>
  look._tag === "Peers"
    ? { _tag: "Peers", source: name, peers: look.peers.map((peer) => ({ ...peer, source: name })) }
    : { _tag: "Unknown", source: name, error: look.error }

export const leaf = (name: string, looks: Looks): Source => ({
  name,
  looks: (context) =>
    Stream.suspend(() => looks(context)).pipe(
      Stream.map((look) => stamp(name, look)),
      Stream.catchCause((cause) => Stream.failCause(brokenCause(name, cause)))
    )
})

/** A defect of a source is that source's failure: it must not end a cluster. */
const brokenCause = (source: string, cause: Cause.Cause<DiscoveryError>): Cause.Cause<DiscoveryError> => {
  if (Cause.hasInterruptsOnly(cause)) return cause
  const error = Cause.squash(cause)
  if (error instanceof DiscoveryError) return Cause.fail(error)
  const detail = `the source broke: ${error instanceof Error ? error.message : String(error)}`
  return Cause.fail(new DiscoveryError({ source, reason: new SourceBroken({ detail, cause: error }) }))
}

/** The single sources of a discovery, in order. */
export const sourcesOf = (self: Source): ReadonlyArray<Source> => self.sources ?? [self]

export const merge = (services: ReadonlyArray<Source>): Source => {
  const seen = new Map<string, number>()
  const sources = services.flatMap(sourcesOf).map((source) => {
    const count = (seen.get(source.name) ?? 0) + 1
    seen.set(source.name, count)
    return count === 1 ? source : leaf(`${source.name}#${count}`, source.looks)
  })
  return {
    name: sources.map((source) => source.name).join("+"),
    looks: (context) =>
      Stream.mergeAll(sources.map((source) => supervise(source, context)), { concurrency: "unbounded" }),
    sources
  }
}

const mapLooks = (
  self: Source,
  f: (looks: Stream.Stream<Look, DiscoveryError>) => Stream.Stream<Look, DiscoveryError>
): Source =>
  self.sources === undefined
    ? leaf(self.name, (context) => f(self.looks(context)))
    : merge(self.sources.map((source) => mapLooks(source, f)))

export const mapSets = (self: Source, f: (peers: ReadonlyArray<Peer>) => ReadonlyArray<Peer>): Source =>
  mapLooks(self, Stream.map((look) => look._tag === "Peers" ? { ...look, peers: f(look.peers) } : look))

export const withLastGood = (self: Source): Source =>
  mapLooks(self, (looks) =>
    Stream.mapAccum(looks, (): Look | undefined => undefined, (last, look) => {
      const good = look._tag === "Peers" ? look : last
      return [good, [good ?? look]] as const
    }))

type Sets = Map<string, { readonly good: ReadonlyArray<Peer>; readonly failing: boolean }>

const unite = (sets: Sets, look: Look): readonly [Sets, ReadonlyArray<Look>] => {
  if (look._tag === "Unknown") {
    sets.set(look.source, { good: sets.get(look.source)?.good ?? [], failing: true })
    return [sets, [...sets.values()].every((set) => set.failing) ? [look] : []]
  }
  sets.set(look.source, { good: look.peers, failing: false })
  return [sets, [{ ...look, peers: [...sets.values()].flatMap((set) => set.good) }]]
}

/** The looks of all sources as those of one: the union of the last good sets, unknown while no source knows. */
const asOneSource = (self: Source, context: DiscoveryContext): Stream.Stream<Look> =>
  Stream.mapAccum(
    Stream.mergeAll(sourcesOf(self).map((source) => supervise(source, context)), { concurrency: "unbounded" }),
    (): Sets => new Map(),
    unite
  )

export const orElse = (self: Source, that: Source): Source =>
  leaf(`${self.name}|${that.name}`, (context) =>
    Stream.callback<Look>(Effect.fnUntraced(function*(queue) {
      const failed = yield* Latch.make()
      let primary: Look | undefined
      let fallback: Look | undefined
      const first = Stream.runForEach(asOneSource(self, context), (look) => {
        primary = look
        if (look._tag === "Peers") return Queue.offer(queue, look)
        return Effect.andThen(failed.open, Queue.offer(queue, fallback ?? look))
      })
      const second = Effect.andThen(
        failed.await,
        Stream.runForEach(asOneSource(that, context), (look) => {
          fallback = look
          return primary?._tag === "Unknown" ? Queue.offer(queue, look) : Effect.void
        })
      )
      const whole = Effect.flatMap(
        Effect.raceFirst(
          Effect.flatMap(first, () => primary?._tag === "Peers" ? Effect.void : Effect.never),
          second
        ),
        () => Queue.end(queue)
      )
      yield* Effect.forkScoped(Effect.onError(whole, (cause) => Queue.failCause(queue, cause)))
    })))
