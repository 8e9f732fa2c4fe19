import * as Address from "@gc/core/Address"
import * as Discovery from "@gc/core/Discovery"
import * as Peer from "@gc/core/Peer"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { brokenAnnouncing } from "./brokenAnnouncing.ts"
import { forgetSocket, forgetTimer } from "./forgotten.ts"
import type { BrokenSource, Change } from "./registry.ts"

/** Changes what a source says. */
export const says =
  (change: (looks: Stream.Stream<Discovery.Look, Discovery.DiscoveryError>) => typeof looks): Change =>
  (source) => ({ ...source, looks: (context) => change(source.looks(context)) })

const sets = (change: (found: ReadonlyArray<Peer.Peer>) => ReadonlyArray<Peer.Peer>) =>
  says(Stream.map((look) => (look._tag === "Peers" ? { ...look, peers: change(look.peers) } : look)))

const each =
  (change: (look: Discovery.Look) => ReadonlyArray<Discovery.Look>) =>
  <E>(looks: Stream.Stream<Discovery.Look, E>): Stream.Stream<Discovery.Look, E> =>
    Stream.flatMap(looks, (look) => Stream.fromIterable(change(look)))

const empty: Discovery.Look = { _tag: "Peers", source: "registry", peers: [] }

/** Sources that are wrong in one way each; no check of the suite may let all of them pass. */
export const brokenSources: ReadonlyArray<BrokenSource> = [
  {
    name: "finds one of many",
    change: sets((found) => found.slice(0, 1)),
    caughtBy: ["the first look is the whole set, marked with the source's name"]
  },
  {
    name: "says nothing of where a peer is from",
    change: sets((found) => found.map((peer) => ({ ...peer, source: undefined }))),
    caughtBy: ["the first look is the whole set, marked with the source's name"]
  },
  {
    name: "says peers one by one",
    change: says(
      each((look) =>
        look._tag === "Peers"
          ? look.peers.map((_, index) => ({ ...look, peers: look.peers.slice(0, index + 1) }))
          : [look]
      )
    ),
    caughtBy: [
      "the first look is the whole set, marked with the source's name",
      "a change is a look of the whole new set, and nothing in between"
    ]
  },
  {
    name: "finds peers that nobody can dial",
    change: sets((found) => [...found, Peer.fromAddress(Address.make("tcp", "0.0.0.0", 0))]),
    caughtBy: ["every peer has an address that can be dialed, or a name"]
  },
  {
    name: "breaks when it finds itself",
    change: (source) => ({
      ...source,
      looks: (context) =>
        context.self.addresses.some((address) => address.port === 1) ? Stream.die("myself") : source.looks(context)
    }),
    caughtBy: ["a node that is in its own list finds the others"]
  },
  {
    name: "runs once",
    change: (source) => {
      let ran = false
      return {
        ...source,
        looks: (context) =>
          Stream.suspend(() => {
            if (ran) return Stream.never
            ran = true
            return source.looks(context)
          })
      }
    },
    caughtBy: [
      "an interrupted source ends at once, and can be run anew",
      "two nodes run it at once, and the end of one is not the other's",
      "every node that runs it hears of a change"
    ]
  },
  {
    name: "cannot be interrupted",
    change: says((looks) => Stream.onExit(looks, () => Effect.never)),
    caughtBy: ["an interrupted source ends at once, and can be run anew"]
  },
  {
    name: "ends",
    change: says(Stream.take(1)),
    caughtBy: ["the looks do not end", "it looks again after the interval"]
  },
  {
    name: "says what changed",
    change: says((looks) => {
      let before: ReadonlyArray<string> = []
      return Stream.map(looks, (look) => {
        if (look._tag === "Unknown") return look
        const fresh = look.peers.filter((peer) => !before.includes(Peer.format(peer)))
        before = look.peers.map(Peer.format)
        return { ...look, peers: fresh }
      })
    }),
    caughtBy: ["a change is a look of the whole new set, and nothing in between"]
  },
  {
    name: "does not say that there is nobody",
    change: says(each((look) => (look._tag === "Unknown" || look.peers.length > 0 ? [look] : []))),
    caughtBy: ["that there is nobody is a look of the empty set"]
  },
  {
    name: "fails on what is listed twice",
    change: says(
      each((look) =>
        look._tag === "Unknown" || new Set(look.peers.map(Peer.format)).size === look.peers.length ? [look] : []
      )
    ),
    caughtBy: ["a peer that is listed twice is a peer"]
  },
  {
    name: "takes a failure for an empty set",
    change: says(each((look) => (look._tag === "Unknown" ? [empty, look] : [look]))),
    caughtBy: [
      "a look that failed is said, is never an empty set, and does not end the source",
      "a source whose first look fails says so, and finds its peers later"
    ]
  },
  {
    name: "breaks on a failed look",
    change: says(
      Stream.mapEffect((look) => (look._tag === "Unknown" ? Effect.fail(look.error) : Effect.succeed(look)))
    ),
    caughtBy: ["a look that failed is said, is never an empty set, and does not end the source"]
  },
  {
    name: "keeps failures to itself",
    change: says(each((look) => (look._tag === "Peers" ? [look] : []))),
    caughtBy: ["a look that failed is said, is never an empty set, and does not end the source"]
  },
  {
    name: "blames another source",
    change: says(
      Stream.map((look) =>
        look._tag === "Peers"
          ? look
          : { ...look, error: new Discovery.DiscoveryError({ source: "dns", reason: look.error.reason }) }
      )
    ),
    caughtBy: ["the error of a failed look names its source"]
  },
  {
    name: "forgets a socket",
    change: says((looks) => Stream.unwrap(Effect.as(forgetSocket, looks))),
    caughtBy: ["it can be interrupted at any moment, and leaves nothing open"]
  },
  {
    name: "forgets a timer",
    change: says((looks) => Stream.unwrap(Effect.as(forgetTimer, looks))),
    caughtBy: ["it can be interrupted at any moment, and leaves nothing open"]
  },
  {
    name: "answers a failure with what it knew",
    change: says((looks) => {
      let known: Discovery.Look = empty
      return each((look) => (look._tag === "Unknown" ? [look, known] : [(known = look)]))(looks)
    }),
    caughtBy: ["a look that failed is said, is never an empty set, and does not end the source"]
  },
  {
    name: "says first what it said last",
    change: (source) => {
      let last: Discovery.Look | undefined
      return {
        ...source,
        looks: (context) =>
          Stream.suspend(() => {
            const looks = Stream.tap(source.looks(context), (look) => Effect.sync(() => (last = look)))
            return last === undefined ? looks : Stream.concat(Stream.succeed(last), looks)
          })
      }
    },
    caughtBy: ["a source that is run anew says nothing of an earlier run"]
  },
  {
    name: "says its first change only",
    change: says(Stream.take(2)),
    caughtBy: ["of many changes the last one holds"]
  },
  {
    name: "breaks when it begins without a network",
    change: says((looks) =>
      looks.pipe(
        Stream.mapAccum(
          () => false,
          (known, look) => [known || look._tag === "Peers", [{ look, known }]] as const
        ),
        Stream.mapEffect(({ known, look }) =>
          look._tag === "Unknown" && !known ? Effect.fail(look.error) : Effect.succeed(look)
        )
      )
    ),
    caughtBy: [
      "a source that is made before there is a network says so, and finds its peers later",
      "a source whose first look fails says so, and finds its peers later"
    ]
  },
  {
    name: "takes silence for nobody",
    change: says(
      Stream.map((look) => (look._tag === "Unknown" && look.error.reason._tag === "LookTimeout" ? empty : look))
    ),
    caughtBy: ["a look that gets no answer fails in time, and is no empty set"]
  },
  {
    name: "looks without a pause",
    change: says(each((look) => [look, look])),
    caughtBy: [
      "it does not look again before",
      "with an infinite interval it looks once, and ends when it announces nobody"
    ]
  },
  {
    name: "ends with an infinite interval",
    change: says((looks) =>
      Stream.unwrap(
        Effect.map(Discovery.RefreshInterval, (every) => (Duration.isFinite(every) ? looks : Stream.take(looks, 1)))
      )
    ),
    caughtBy: [
      "with an infinite interval it looks once, and ends when it announces nobody",
      "with an infinite interval a node stays announced"
    ]
  },
  ...brokenAnnouncing
]
