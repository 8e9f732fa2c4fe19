import { type ByteReader, ByteWriter, isWellFormed, MalformedError, utf8 } from "./bytes.ts"

/**
 * What a node's owner says about it: texts by key. Keys match `^[A-Za-z0-9_.-]{1,64}$`, at most 4 KiB encoded
 * (GC/1 sections 4 and 7). Decoded records have no prototype, so a key such as `__proto__` is a key like any other.
 */
export interface Metadata {
  readonly [key: string]: string
}

/** The longest encoded metadata, in bytes. */
export const maxMetadataBytes = 4096

const keySyntax = /^[A-Za-z0-9_.-]{1,64}$/

/** Metadata without entries. */
export const noMetadata: Metadata = Object.freeze(Object.create(null))

/** `count u16`, then for each entry `length u8 · key · length u16 · value (UTF-8)`, in the order of the keys. Not bounded: see {@link metadataProblem}. */
const encode = (metadata: Metadata): Uint8Array => {
  const keys = Object.keys(metadata).toSorted()
  const writer = new ByteWriter(256).u16(keys.length)
  for (const key of keys) writer.bytes8(utf8(key)).bytes16(utf8(metadata[key] ?? ""))
  return writer.finish()
}

/** What is wrong with metadata that somebody wants to publish: a sentence, or `undefined` when nothing is. */
export const metadataProblem = (metadata: Metadata): string | undefined => {
  let length = 2
  for (const [key, value] of Object.entries(metadata)) {
    if (!keySyntax.test(key))
      return `the metadata key ${JSON.stringify(key)} is not 1-64 letters, digits, "_", "." or "-"`
    if (typeof value !== "string" || !isWellFormed(value)) return `the metadata value of "${key}" is not a text`
    length += 3 + key.length + utf8(value).length
  }
  return length > maxMetadataBytes ? `metadata has at most ${maxMetadataBytes} bytes encoded, not ${length}` : undefined
}

/** Metadata as bytes; the same entries always give the same bytes. Throws a `RangeError` on what {@link metadataProblem} names. */
export const encodeMetadata = (metadata: Metadata): Uint8Array => {
  const problem = metadataProblem(metadata)
  if (problem !== undefined) throw new RangeError(problem)
  return encode(metadata)
}

/** Reads metadata to the reader's end. Throws `MalformedError`. */
export const readMetadata = (reader: ByteReader): Metadata => {
  if (reader.remaining > maxMetadataBytes) throw new MalformedError(`metadata has more than ${maxMetadataBytes} bytes`)
  const metadata: Record<string, string> = Object.create(null)
  const count = reader.u16()
  for (let index = 0; index < count; index++) {
    const key = reader.utf8(reader.u8())
    if (!keySyntax.test(key)) throw new MalformedError("a metadata key is malformed")
    if (key in metadata) throw new MalformedError("a metadata key comes twice")
    metadata[key] = reader.utf8(reader.u16())
  }
  reader.end()
  return metadata
}

/** Whether two metadata records have the same entries. */
export const sameMetadata = (left: Metadata, right: Metadata): boolean => {
  const keys = Object.keys(left)
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && left[key] === right[key])
  )
}
