import { ByteReader, type ByteWriter, MalformedError } from "./bytes.ts"

/** Types from here on may be ignored by who does not know them; below, an unknown type is malformed (GC/1 section 2). */
export const firstOptionalType = 128

/** Writes one field: type u8 · length u16 · value. */
export const writeTlv = (writer: ByteWriter, type: number, value: Uint8Array): void => {
  writer.u8(type).bytes16(value)
}

/**
 * Reads the fields of a record, in any order, each at most once. Fields of an unknown type are skipped from 128 on.
 * Throws `MalformedError`: call it within `parsing`.
 */
export const readTlvs = (bytes: Uint8Array, known: ReadonlySet<number>): ReadonlyMap<number, ByteReader> => {
  const reader = new ByteReader(bytes)
  const seen = new Set<number>()
  const fields = new Map<number, ByteReader>()
  while (reader.remaining > 0) {
    const type = reader.u8()
    const value = reader.bytes(reader.u16())
    if (seen.has(type)) throw new MalformedError(`field ${type} comes twice`)
    seen.add(type)
    if (known.has(type)) fields.set(type, new ByteReader(value))
    else if (type < firstOptionalType) throw new MalformedError(`field ${type} is unknown`)
  }
  return fields
}
