/** Four 32-bit hashes of a text, as different as its seeds (FNV-1a from four offsets, then mixed). */
const hashes = (text: string): ReadonlyArray<number> =>
  [0x811c9dc5, 0x01234567, 0x89abcdef, 0xdeadbeef].map((offset) => {
    let value = offset
    for (let index = 0; index < text.length; index++) {
      value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
    }
    value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
    return (value ^ (value >>> 13)) >>> 0
  })

/** A seeded generator of 32-bit integers: the same seed gives the same numbers on every platform (sfc32). */
export const seededIntegers = (seed: string | number): (() => number) => {
  let [a = 0, b = 0, c = 0, counter = 0] = hashes(String(seed))
  const next = () => {
    const sum = (a + b + counter) >>> 0
    counter = (counter + 1) >>> 0
    a = (b ^ (b >>> 9)) >>> 0
    b = (c + (c << 3)) >>> 0
    c = (((c << 21) | (c >>> 11)) + sum) >>> 0
    return sum
  }
  for (let round = 0; round < 12; round++) next()
  return next
}

/** A seeded generator of numbers in [0, 1). */
export const seededRandom = (seed: string | number): (() => number) => {
  const next = seededIntegers(seed)
  return () => next() / 2 ** 32
}
