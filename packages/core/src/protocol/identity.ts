import { maxAddressBytes } from "./addresses.ts"
import { type ByteReader, ByteWriter, fromHex, MalformedError, type Parsed, parsing, toHex, utf8 } from "./bytes.ts"
import { maxClusterNameBytes, maxNodeNameBytes } from "./names.ts"
import { readTlvs, writeTlv } from "./tlv.ts"

/** What a node says of itself in a handshake (GC/1 sections 1 and 2). */
export interface Identity {
  /** `basename@host`, canonical. */
  readonly name: string
  /** 16 random bytes, new at every start, as 32 lower-case hexadecimal digits. */
  readonly instance: string
  /** Milliseconds since 1970 at boot, at most 2^53−1. A newer generation of a name replaces the older life. */
  readonly generation: number
  /** A counter of the process, raised at every dial (u32); 0 in WELCOME. */
  readonly attempt: number
  /** The cluster's name, in normal form C. */
  readonly cluster: string
  /** AUTH only: the name that the dialer expects to find, empty when it knows none. */
  readonly dialed?: string
  /** What the node can do, one bit each (u64). */
  readonly capabilities: bigint
  /** Where others reach the node: at most 8 addresses. */
  readonly addresses: ReadonlyArray<string>
  /** The application's version, at most 64 bytes of UTF-8. */
  readonly appVersion?: string
  /** What the other side must be able to do (u64). */
  readonly required?: bigint
  /** With `stale_incarnation`: the generation of that name that the sender knows. */
  readonly knownGeneration?: number
}

/** The bits of `capabilities` (GC/1 section 4). */
export const capabilities = {
  /** It watches, and is no member anywhere. */
  observer: 1n
} as const

/** Whether somebody who dials wants to watch only. */
export const isObserver = (identity: Pick<Identity, "capabilities">): boolean =>
  (identity.capabilities & capabilities.observer) !== 0n

/** The most addresses that a node advertises. */
export const maxAddresses = 8

/** The longest application version, in bytes. */
export const maxAppVersionBytes = 64

/** The field numbers of an identity record; 12 is a beacon's (GC/1 sections 2 and 6). */
export const identityField = {
  name: 1,
  instance: 2,
  generation: 3,
  attempt: 4,
  cluster: 5,
  dialed: 6,
  capabilities: 7,
  addresses: 8,
  appVersion: 9,
  required: 10,
  knownGeneration: 11,
  sentAt: 12
} as const

const known: ReadonlySet<number> = new Set(Object.values(identityField).filter((type) => type !== identityField.sentAt))

const atMost = (bytes: Uint8Array, max: number, what: string): Uint8Array => {
  if (bytes.length > max) throw new RangeError(`${what} has at most ${max} bytes, not ${bytes.length}`)
  return bytes
}

const u64 = (value: bigint | number): Uint8Array => new ByteWriter(8).u64(BigInt(value)).finish()

/** The 16 bytes of an instance. */
export const instanceBytes = (instance: string): Uint8Array => {
  const bytes = fromHex(instance)
  if (bytes?.length !== 16) throw new RangeError("an instance is 32 hexadecimal digits")
  return bytes
}

/** An address list as bytes: each address as a length byte and its text. */
export const encodeAddresses = (addresses: ReadonlyArray<string>): Uint8Array => {
  if (addresses.length > maxAddresses) throw new RangeError(`a node advertises at most ${maxAddresses} addresses`)
  const writer = new ByteWriter()
  for (const address of addresses) writer.bytes8(atMost(utf8(address), maxAddressBytes, "an address"))
  return writer.finish()
}

/** Reads an address list to its end: at most 8 texts of printable ASCII, none empty. Their syntax is judged by `checkPeer`. Throws `MalformedError`. */
export const readAddresses = (reader: ByteReader): ReadonlyArray<string> => {
  const addresses: Array<string> = []
  while (reader.remaining > 0) {
    if (addresses.length === maxAddresses) throw new MalformedError(`more than ${maxAddresses} addresses`)
    const length = reader.u8()
    if (length === 0) throw new MalformedError("an address is empty")
    addresses.push(reader.ascii(length))
  }
  return addresses
}

/**
 * An identity as a record of fields (type u8 · length u16 · value) in ascending order. Fields that are absent are left out,
 * and so is an empty address list. A value out of its bounds throws a `RangeError`.
 */
export const encodeIdentity = (identity: Identity): Uint8Array => {
  const writer = new ByteWriter(256)
  writeTlv(writer, identityField.name, atMost(utf8(identity.name), maxNodeNameBytes, "a name"))
  writeTlv(writer, identityField.instance, instanceBytes(identity.instance))
  writeTlv(writer, identityField.generation, u64(identity.generation))
  writeTlv(writer, identityField.attempt, new ByteWriter(4).u32(identity.attempt).finish())
  writeTlv(writer, identityField.cluster, atMost(utf8(identity.cluster), maxClusterNameBytes, "a cluster's name"))
  if (identity.dialed !== undefined) {
    writeTlv(writer, identityField.dialed, atMost(utf8(identity.dialed), maxNodeNameBytes, "a name"))
  }
  writeTlv(writer, identityField.capabilities, u64(identity.capabilities))
  if (identity.addresses.length > 0) writeTlv(writer, identityField.addresses, encodeAddresses(identity.addresses))
  if (identity.appVersion !== undefined) {
    writeTlv(
      writer,
      identityField.appVersion,
      atMost(utf8(identity.appVersion), maxAppVersionBytes, "an application version")
    )
  }
  if (identity.required !== undefined) writeTlv(writer, identityField.required, u64(identity.required))
  if (identity.knownGeneration !== undefined)
    writeTlv(writer, identityField.knownGeneration, u64(identity.knownGeneration))
  return writer.finish()
}

/**
 * Reads an identity record. It judges the shape only: lengths, encodings, caps, what is required, what comes twice.
 * Whether the peer may come in is `checkPeer`'s verdict.
 */
export const decodeIdentity = (bytes: Uint8Array): Parsed<Identity> =>
  parsing(() => {
    const fields = readTlvs(bytes, known)
    const optional = <A>(type: number, read: (reader: ByteReader) => A): A | undefined => {
      const reader = fields.get(type)
      if (reader === undefined) return undefined
      const value = read(reader)
      reader.end()
      return value
    }
    const required = <A>(type: number, read: (reader: ByteReader) => A): A => {
      const value = optional(type, read)
      if (value === undefined) throw new MalformedError(`field ${type} is missing`)
      return value
    }
    const dialed = optional(identityField.dialed, asciiUpTo(maxNodeNameBytes))
    const appVersion = optional(identityField.appVersion, utf8UpTo(maxAppVersionBytes))
    const requires = optional(identityField.required, (reader) => reader.u64())
    const knownGeneration = optional(identityField.knownGeneration, (reader) => reader.safeU64())
    return {
      name: required(identityField.name, asciiUpTo(maxNodeNameBytes)),
      instance: required(identityField.instance, (reader) => toHex(reader.bytes(16))),
      generation: required(identityField.generation, (reader) => reader.safeU64()),
      attempt: required(identityField.attempt, (reader) => reader.u32()),
      cluster: required(identityField.cluster, utf8UpTo(maxClusterNameBytes)),
      ...(dialed !== undefined && { dialed }),
      capabilities: required(identityField.capabilities, (reader) => reader.u64()),
      addresses: optional(identityField.addresses, readAddresses) ?? [],
      ...(appVersion !== undefined && { appVersion }),
      ...(requires !== undefined && { required: requires }),
      ...(knownGeneration !== undefined && { knownGeneration })
    }
  })

const asciiUpTo = (max: number) => (reader: ByteReader) => reader.ascii(Math.min(reader.remaining, max))
const utf8UpTo = (max: number) => (reader: ByteReader) => reader.utf8(Math.min(reader.remaining, max))
