import { timingSafeEqual } from "node:crypto"

/** What a parser answers: the value, or one sentence that says what is wrong with the input. */
export type Parsed<A> = { readonly ok: true; readonly value: A } | Refusal

/** The refusing half of {@link Parsed}. */
export interface Refusal {
  readonly ok: false
  readonly reason: string
}

/** A {@link Parsed} that holds a value. */
export const parsed = <A>(value: A): Parsed<A> => ({ ok: true, value })

/** A {@link Parsed} that refuses. */
export const refused = (reason: string): Refusal => ({ ok: false, reason })

/** Thrown by {@link ByteReader} and caught by {@link parsing}: it never leaves a codec. */
export class MalformedError extends Error {
  override readonly name = "MalformedError"
}

/** Runs a decoder built on {@link ByteReader} and turns its {@link MalformedError} into a refusal. Other errors are defects and pass. */
export const parsing = <A>(decode: () => A): Parsed<A> => {
  try {
    return parsed(decode())
  } catch (error) {
    if (error instanceof MalformedError) return refused(error.message)
    throw error
  }
}

const encoder = new TextEncoder()
const utf8Decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** The UTF-8 bytes of a text. */
export const utf8 = (text: string): Uint8Array => encoder.encode(text)

/** Whether a text has no lone surrogate: only then do its UTF-8 bytes give it back. */
export const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text)

/** Joins byte arrays into a new one. */
export const concat = (...parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  let length = 0
  for (const part of parts) length += part.length
  // Not filled with zeros first: that takes as long as the copy.
  const joined = length < 4_096 ? new Uint8Array(length) : new Uint8Array(Buffer.allocUnsafeSlow(length).buffer)
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)

/** Lower-case hexadecimal digits, two a byte. */
export const toHex = (bytes: Uint8Array): string => bufferOf(bytes).toString("hex")

/** One character for each byte. */
export const latin1 = (bytes: Uint8Array): string => bufferOf(bytes).toString("latin1")

/** How many bytes of UTF-8 a text takes. */
export const utf8Length = (text: string): number => Buffer.byteLength(text)

/** The bytes of an even number of hexadecimal digits of either case; `undefined` for any other text. */
export const fromHex = (text: string): Uint8Array | undefined => {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined
  return new Uint8Array(Buffer.from(text, "hex"))
}

/** Writes an unsigned integer of 32 bits. A value out of range throws a `RangeError`. */
export const putU32 = (bytes: Uint8Array, at: number, value: number): void => {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff)
    throw new RangeError(`${value} is not within 32 bits`)
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

/** Reads an unsigned integer of 32 bits that is there. */
export const u32At = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)) >>>
  0

/** Compares in time that depends on the lengths only; arrays of different length are unequal. */
export const constantTimeEqual = (left: Uint8Array, right: Uint8Array): boolean =>
  left.length === right.length && timingSafeEqual(left, right)

/** Appends big-endian integers and bytes to a buffer that grows. A value out of range throws a `RangeError`: it is the caller's mistake. */
export class ByteWriter {
  #bytes: Uint8Array
  #view: DataView
  #length = 0

  constructor(capacity = 64) {
    this.#bytes = new Uint8Array(capacity)
    this.#view = new DataView(this.#bytes.buffer)
  }

  get length(): number {
    return this.#length
  }

  u8(value: number): this {
    const at = this.#reserve(1, value, 0xff)
    this.#view.setUint8(at, value)
    return this
  }

  u16(value: number): this {
    const at = this.#reserve(2, value, 0xffff)
    this.#view.setUint16(at, value)
    return this
  }

  u32(value: number): this {
    const at = this.#reserve(4, value, 0xffff_ffff)
    this.#view.setUint32(at, value)
    return this
  }

  u64(value: bigint): this {
    if (value < 0n || value > 0xffff_ffff_ffff_ffffn) throw new RangeError(`${value} does not fit 64 bits`)
    const at = this.#reserve(8, 0, 0)
    this.#view.setBigUint64(at, value)
    return this
  }

  bytes(value: Uint8Array): this {
    const at = this.#reserve(value.length, 0, 0)
    this.#bytes.set(value, at)
    return this
  }

  /** One length byte, then the bytes. */
  bytes8(value: Uint8Array): this {
    return this.u8(value.length).bytes(value)
  }

  /** A length of two bytes, then the bytes. */
  bytes16(value: Uint8Array): this {
    return this.u16(value.length).bytes(value)
  }

  /** What was written so far, as a view of the buffer: write no more after taking it. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  #reserve(size: number, value: number, max: number): number {
    if (!Number.isInteger(value) || value < 0 || value > max) throw new RangeError(`${value} is not within 0..${max}`)
    const at = this.#length
    this.#length += size
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2))
      grown.set(this.#bytes.subarray(0, at))
      this.#bytes = grown
      this.#view = new DataView(grown.buffer)
    }
    return at
  }
}

/** Reads big-endian integers and bytes from a view; whatever is missing or wrong throws {@link MalformedError}, see {@link parsing}. */
export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #offset = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#bytes.length - this.#offset
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1))
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2))
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4))
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8))
  }

  /** A u64 that a JavaScript number holds exactly, at most 2^53−1. */
  safeU64(): number {
    const value = this.u64()
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new MalformedError("an integer is above 2^53-1")
    return Number(value)
  }

  /** A view of the next `length` bytes, not a copy. */
  bytes(length: number): Uint8Array {
    const at = this.#take(length)
    return this.#bytes.subarray(at, at + length)
  }

  /** `length` bytes of valid UTF-8. */
  utf8(length: number): string {
    try {
      return utf8Decoder.decode(this.bytes(length))
    } catch (error) {
      if (error instanceof MalformedError) throw error
      throw new MalformedError("a text is not valid UTF-8")
    }
  }

  /** `length` bytes of printable ASCII, 0x21 to 0x7E: no blank, no control character. */
  ascii(length: number): string {
    const bytes = this.bytes(length)
    for (let index = 0; index < bytes.length; index++) {
      const byte = bytes[index] as number
      if (byte < 0x21 || byte > 0x7e) throw new MalformedError("a text is not printable ASCII")
    }
    return latin1(bytes)
  }

  /** Refuses bytes after the last field. */
  end(): void {
    if (this.remaining > 0) throw new MalformedError(`${this.remaining} bytes too many`)
  }

  #take(length: number): number {
    if (length > this.remaining) throw new MalformedError(`${length - this.remaining} bytes missing`)
    const at = this.#offset
    this.#offset += length
    return at
  }
}
