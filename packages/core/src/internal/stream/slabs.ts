/** Bytes of a slab: what one `write` of small frames carries at most. */
export const slabSize = 65_536

const maxFree = 32
const free: Array<Uint8Array> = []

/** A slab with arbitrary contents: who takes it writes before it reads. */
export const takeSlab = (): Uint8Array => free.pop() ?? Buffer.allocUnsafeSlow(slabSize)

/** Gives slabs back once nothing refers to their bytes; at most 2 MiB of them are kept in the process. */
export const releaseSlabs = (slabs: ReadonlyArray<Uint8Array>): void => {
  for (const slab of slabs) {
    if (free.length >= maxFree) return
    free.push(slab)
  }
}
