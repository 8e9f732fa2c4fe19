/** Processes that are started together, until every one sees every other. */
import { type Contestant, gc, libp2p, moleculer, raw } from "./cluster/contestants.ts"
import { Crew } from "./cluster/crew.ts"
import { atLeast, atMost, caveat, chosen, roundsOf, Trials } from "./cluster/trials.ts"
import { ratioOf } from "./report/statistics.ts"
import type { Ratio, RunSection, Target } from "./section.ts"

/** Up to so many processes the targets hold. */
const boundedSize = 30

const what = (size: number) => `${size} processes until each sees all`

/** `go` comes when all have loaded; the ratios are of the time from it. */
const [fromGo, fromSpawn] = ['ms from "go"', "ms from the first spawn"]

/** Rounds of five: more of the large ones, and of those that take long, would take the time of everything else. */
const roundsFor = (size: number, { name }: Contestant): number => {
  if (size <= 10) return 3
  const isRival = name === moleculer.name || name === libp2p.name
  return (size <= boundedSize ? 2 : 1) - (isRival ? 1 : 0)
}

/** What forming may take before it counts as not having happened, in milliseconds. */
const limitOf = (size: number): number => (size <= 10 ? 20_000 : 30_000)

const ratiosOf = (trials: Trials, size: number): ReadonlyArray<Ratio> => {
  const beside = (of: string, to: string, target: Target, likeForLike: string) => {
    const pair = [trials.of(of, what(size), fromGo), trials.of(to, what(size), fromGo)] as const
    const text = { what: what(size), likeForLike: `${likeForLike}${caveat(...pair)}` }
    return ratioOf(...pair, { ...text, ...(size <= boundedSize && { target }) })
  }
  return [
    ...beside(
      gc.name,
      raw.name,
      atMost(3),
      "no: raw proves a secret both ways and is done; gc has TLS 1.3, discovery and membership"
    ),
    ...beside(
      moleculer.name,
      gc.name,
      atLeast(5),
      "the same list of nodes; Moleculer neither authenticates nor encrypts, and gossips every 2 s"
    ),
    ...beside(
      libp2p.name,
      gc.name,
      atLeast(5),
      "the same list of nodes; both authenticate and encrypt; libp2p dials its list after 1 s"
    )
  ]
}

/** Measures how long 3, 10, 30 and 50 processes take to form a cluster. */
export const formation: RunSection = async (context) => {
  const { progress, published, quick, signal } = context
  const sizes = quick ? [3] : [3, 10, 30, 50]
  const trials = new Trials("formation")
  for (const size of sizes) {
    const limit = limitOf(size)
    const nodes = Array.from({ length: size }, () => 1)
    const most = roundsOf(context, roundsFor(size, gc))
    for (let round = 1; round <= most; round++) {
      for (const contestant of chosen(context)) {
        if (round > roundsOf(context, roundsFor(size, contestant))) continue
        progress(`formation: ${size} × ${contestant.name}, round ${round} of ${most}`)
        const { name } = contestant
        await Crew.use({ contestant, nodes, published, signal }, async (crew) => {
          const told = crew.go()
          const seen = await crew.sees(crew.processes, { up: crew.processes }, limit)
          trials.addTime(name, what(size), fromGo, seen === undefined ? undefined : seen - told, limit)
          if (seen !== undefined) trials.add(name, what(size), fromSpawn, seen - crew.spawnedAt)
        })
      }
    }
  }
  return {
    name: "formation",
    measurements: trials.measurements,
    ratios: sizes.flatMap((size) => ratiosOf(trials, size))
  }
}
