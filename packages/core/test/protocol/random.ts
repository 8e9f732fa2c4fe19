/** A small seeded generator (mulberry32) for properties. */
export interface Random {
  /** An integer of 0..max, max included. */
  readonly int: (max: number) => number
  readonly bool: () => boolean
  readonly bytes: (length: number) => Uint8Array
  readonly pick: <A>(list: ReadonlyArray<A>) => A
  readonly list: <A>(max: number, make: () => A) => Array<A>
}

export const seeded = (seed: number): Random => {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const int = (max: number) => Math.floor(next() * (max + 1))
  return {
    int,
    bool: () => int(1) === 1,
    bytes: (length) => Uint8Array.from({ length }, () => int(255)),
    pick: (list) => {
      const item = list[int(list.length - 1)]
      if (item === undefined) throw new RangeError("pick from an empty list")
      return item
    },
    list: (max, make) => Array.from({ length: int(max) }, make)
  }
}

/** Runs a check many times, each time with its own seed; a failure names the seed, and `GC_SEED=<seed>` repeats it alone. */
export const property = (runs: number, check: (random: Random) => void): void => {
  const fixed = process.env["GC_SEED"]
  const first = fixed === undefined ? Date.now() >>> 0 : Number(fixed)
  for (let seed = first; seed < first + (fixed === undefined ? runs : 1); seed++) {
    try {
      check(seeded(seed))
    } catch (cause) {
      throw new Error(`fails with GC_SEED=${seed}: ${String(cause)}`, { cause })
    }
  }
}
