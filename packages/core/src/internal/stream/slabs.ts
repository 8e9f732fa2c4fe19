/** Bytes of a slab: what one `write` of small frames carries at most. */
export const largest = 65_536

/** Bytes of a small one, for a connection that says little at a time: a HEARTBEAT takes 14. */
export const smallest = 1_024

/** So many of each size are kept for the next writes. */
const maxLargeFree = 32
const maxSmallFree = 128

/** Slabs of one size; so many of them are kept. */
const pool = (size: number, max: number) => {
  const free: Array<Uint8Array> = []
  return {
    take: (): Uint8Array => free.pop() ?? Buffer.allocUnsafeSlow(size),
    release: (slab: Uint8Array): void => {
      if (free.length < max) free.push(slab)
    }
  }
}

const large = pool(largest, maxLargeFree)
const small = pool(smallest, maxSmallFree)

/** A slab for so many bytes, or a large one for more; with arbitrary contents: who takes it writes before it reads. */
export const takeSlab = (bytes: number): Uint8Array => (bytes > smallest ? large : small).take()

/** Gives slabs back once nothing refers to their bytes; at most 2 MiB and 128 KiB of them are kept in the process. */
export const releaseSlabs = (slabs: ReadonlyArray<Uint8Array>): void => {
  for (const slab of slabs) (slab.length === largest ? large : small).release(slab)
}
