import { seededRandom } from "./seededRandom.ts"

/** What a path does to what travels on it; `undefined` is the network's own. */
export interface Quality {
  /** Milliseconds. */
  latency: number
  /** Up to so many milliseconds more. */
  jitter: number
  /** The share of packets that is lost, 0..1. */
  loss: number
}

/** The way from one host to another. The way back is another one. */
export interface Path {
  readonly from: string
  readonly to: string
  /** Whether packets get through at all. */
  readonly isOpen: () => boolean
  /** The delay of the next packet, in milliseconds. */
  readonly delay: () => number
  /** The delay without jitter, in milliseconds. */
  readonly latency: () => number
  /** How many of so many packets are lost on their way. */
  readonly lost: (packets: number) => number
}

/** Every path of a network, and what was done to them. */
export interface Paths {
  readonly get: (from: string, to: string) => Path
  readonly setDefault: (quality: Partial<Quality>) => void
  readonly set: (from: string, to: string, quality: Partial<Quality>) => void
  readonly drop: (from: string, to: string) => void
  readonly undrop: (from: string, to: string) => void
  readonly partition: (groups: ReadonlyArray<ReadonlyArray<string>>) => void
  readonly heal: () => void
}

/** Times add up exactly in 64ths of a millisecond: what happens when does not depend on when a simulation began. */
const exact = (millis: number): number => Math.round(millis * 64) / 64

const makePath = (
  from: string,
  to: string,
  random: () => number,
  quality: () => Quality,
  isOpen: () => boolean
): Path => {
  if (from === to) {
    return { from, to, isOpen: () => true, delay: () => 0, latency: () => 0, lost: () => 0 }
  }
  return {
    from,
    to,
    isOpen,
    delay: () => {
      const { latency, jitter } = quality()
      return exact(jitter === 0 ? latency : latency + random() * jitter)
    },
    latency: () => exact(quality().latency),
    lost: (packets) => {
      const { loss } = quality()
      if (loss === 0) return 0
      let lost = 0
      for (let packet = 0; packet < packets; packet++) if (random() < loss) lost++
      return lost
    }
  }
}

/** Each path draws from a generator of its own, so that what happens on one does not change another. */
export const makePaths = (seed: string | number, defaults: Quality): Paths => {
  const paths = new Map<string, Path>()
  const own = new Map<string, Partial<Quality>>()
  const merged = new Map<string, Quality>()
  const dropped = new Set<string>()
  let groups: Map<string, number> | undefined
  const keyOf = (from: string, to: string) => `${from} ${to}`

  const qualityOf = (key: string): Quality => {
    let quality = merged.get(key)
    if (quality === undefined) merged.set(key, (quality = { ...defaults, ...own.get(key) }))
    return quality
  }

  return {
    get: (from, to) => {
      const key = keyOf(from, to)
      let path = paths.get(key)
      if (path === undefined) {
        const isOpen = () => !dropped.has(key) && (groups === undefined || groups.get(from) === groups.get(to))
        path = makePath(from, to, seededRandom(`${seed} ${key}`), () => qualityOf(key), isOpen)
        paths.set(key, path)
      }
      return path
    },
    setDefault: (quality) => {
      Object.assign(defaults, quality)
      merged.clear()
    },
    set: (from, to, quality) => {
      const key = keyOf(from, to)
      own.set(key, { ...own.get(key), ...quality })
      merged.delete(key)
    },
    drop: (from, to) => void dropped.add(keyOf(from, to)),
    undrop: (from, to) => void dropped.delete(keyOf(from, to)),
    partition: (lists) => {
      groups = new Map(lists.flatMap((list, index) => list.map((host) => [host, index] as const)))
    },
    heal: () => {
      groups = undefined
      dropped.clear()
    }
  }
}
