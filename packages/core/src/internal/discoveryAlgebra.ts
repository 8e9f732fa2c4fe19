import * as Stream from "effect/Stream"
import type { Look, Source } from "../Discovery.ts"
import type { Peer } from "../Peer.ts"
import { leaf, renamed } from "./discoverySource.ts"
import { supervise } from "./discoverySupervise.ts"

/** It has no source, so that merging leaves nothing of it. */
export const empty: Source = {
  name: "empty",
  looks: () => Stream.succeed<Look>({ _tag: "Peers", source: "empty", peers: [] }),
  sources: []
}

export const merge = (parts: ReadonlyArray<Source>): Source => {
  const sources = distinct(parts.flatMap((part) => part.sources ?? [part]))
  if (sources.length === 0) return empty
  return {
    name: sources.map((source) => source.name).join("+"),
    looks: (context) =>
      Stream.mergeAll(
        sources.map((source) => supervise(source, context)),
        { concurrency: "unbounded" }
      ),
    sources
  }
}

/** Sources of one name become `name`, `name#2`, …, in their order, however deep they were merged before. */
const distinct = (sources: ReadonlyArray<Source>): ReadonlyArray<Source> => {
  const taken = new Set<string>()
  return sources.map((source) => {
    const base = source.name.replace(/#\d+$/, "")
    let name = source.name
    for (let count = 2; taken.has(name); count++) name = `${base}#${count}`
    taken.add(name)
    return name === source.name ? source : renamed(source, name)
  })
}

const mapSources = (self: Source, f: (source: Source) => Source): Source =>
  self.sources === undefined ? f(self) : merge(self.sources.map(f))

export const mapSets = (self: Source, f: (peers: ReadonlyArray<Peer>) => ReadonlyArray<Peer>): Source =>
  mapSources(self, (source) =>
    leaf(source.name, (context) =>
      Stream.map(source.looks(context), (look) => (look._tag === "Peers" ? { ...look, peers: f(look.peers) } : look))
    )
  )

export const withLastGood = (self: Source): Source =>
  mapSources(self, (source) =>
    leaf(source.name, (context) =>
      Stream.mapAccum(
        supervise(source, context),
        (): Look | undefined => undefined,
        (last, look) => {
          const good = look._tag === "Peers" ? look : last
          return [good, [good ?? look]] as const
        }
      )
    )
  )
