/**
 * A small deterministic generator (SplitMix32): the same seed gives the same sequence, so that a run can be replayed. It
 * decides jitter and which witnesses are asked, never anything secret.
 */
export interface Random {
  /** Where the sequence stands; a generator made from it goes on alike. */
  seed: number
  /** Uniform in [0, 1). */
  next(): number
}

/** A generator from a seed of 32 bits. */
export const makeRandom = (seed: number): Random => ({
  seed: seed >>> 0,
  next() {
    this.seed = (this.seed + 0x9e37_79b9) >>> 0
    let mixed = this.seed
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0_aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 4_294_967_296
  }
})

/** Uniform in [center − spread, center + spread). */
export const around = (random: Random, center: number, spread: number): number =>
  center - spread + random.next() * 2 * spread

/** Up to `count` different elements, in random order. */
export const sample = <A>(random: Random, from: ReadonlyArray<A>, count: number): ReadonlyArray<A> => {
  const pool = [...from]
  const chosen: Array<A> = []
  while (chosen.length < count && pool.length > 0) {
    const index = Math.floor(random.next() * pool.length)
    const last = pool.pop() as A
    if (index < pool.length) {
      chosen.push(pool[index] as A)
      pool[index] = last
    } else {
      chosen.push(last)
    }
  }
  return chosen
}
