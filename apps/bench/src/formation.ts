/** Processes that are started together, until every one sees every other. */
import { gc, libp2p, moleculer, raw } from "./cluster/contestants.ts"
import { Crew } from "./cluster/crew.ts"
import { atLeast, atMost, ratio } from "./cluster/figures.ts"
import { chosen, Trials } from "./cluster/trials.ts"
import type { Ratio, RunContext, RunSection } from "./section.ts"

/** Up to so many processes the targets hold. */
const boundedSize = 30

const fromGo = (size: number) => `${size} processes, from "go" until each sees all`
const fromSpawn = (size: number) => `${size} processes, from the first spawn; "go" waits for all to have loaded`

/** More of the large ones would take the time of everything else. */
const roundsOf = (size: number, { rounds }: RunContext): number =>
  size <= 10 ? Math.min(rounds, 5) : size <= boundedSize ? Math.min(rounds, 2) : 1

/** What forming may take before it counts as not having happened, in milliseconds. */
const limitOf = (size: number): number => (size <= 10 ? 20_000 : 30_000)

const ratiosOf = (trials: Trials, size: number): ReadonlyArray<Ratio> => {
  const [what, bounded] = [fromGo(size), size <= boundedSize]
  const of = (name: string) => trials.of(name, what)
  return [
    ...ratio(
      {
        what,
        target: bounded ? atMost(3) : undefined,
        likeForLike:
          "no: the raw mesh knows who exists, proves one secret and is done; gc adds TLS 1.3, discovery and membership"
      },
      of(gc.name),
      of(raw.name)
    ),
    ...ratio(
      {
        what,
        target: bounded ? atLeast(5) : undefined,
        likeForLike: "the same static list; Moleculer neither authenticates nor encrypts, and gossips every 2 s"
      },
      of(moleculer.name),
      of(gc.name)
    ),
    ...ratio(
      {
        what,
        target: bounded ? atLeast(5) : undefined,
        likeForLike: "the same static list; both authenticate and encrypt; libp2p dials its list after 1 s"
      },
      of(libp2p.name),
      of(gc.name)
    )
  ]
}

/** Measures how long 3, 10, 30 and 50 processes take to form a cluster. */
export const formation: RunSection = async (context) => {
  const { progress, published, quick, signal } = context
  const sizes = quick ? [3, 10] : [3, 10, 30, 50]
  const trials = new Trials("formation")
  for (const size of sizes) {
    const rounds = quick ? 1 : roundsOf(size, context)
    const nodes = Array.from({ length: size }, () => 1)
    for (let round = 1; round <= rounds; round++) {
      for (const contestant of chosen(context)) {
        progress(`formation: ${size} × ${contestant.name}, round ${round} of ${rounds}`)
        await Crew.use({ contestant, nodes, published, signal }, async (crew) => {
          const limit = limitOf(size)
          const told = crew.go()
          const seen = await crew.sees(crew.processes, { up: crew.processes }, limit)
          trials.addTime(contestant.name, fromGo(size), seen === undefined ? undefined : seen - told, limit)
          if (seen !== undefined) trials.add(contestant.name, fromSpawn(size), "ms", seen - crew.spawnedAt)
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
