import { createCipheriv, createDecipheriv } from "node:crypto"
import { isDialable, parseAddress } from "./addresses.ts"
import { ByteReader, ByteWriter, concat, MalformedError, type Parsed, parsing, toHex, utf8 } from "./bytes.ts"
import { encodeAddresses, identityField, instanceBytes, readAddresses } from "./identity.ts"
import { hkdf } from "./keys.ts"
import { isNodeName, maxClusterNameBytes, maxNodeNameBytes } from "./names.ts"
import { readTlvs, writeTlv } from "./tlv.ts"

/** What a node says of itself in a beacon (GC/1 section 6). */
export interface Beacon {
  readonly name: string
  /** 32 lower-case hexadecimal digits. */
  readonly instance: string
  /** Milliseconds since 1970 at boot. */
  readonly generation: number
  readonly cluster: string
  /** Where others reach the node, at most 8; empty when it does not listen. */
  readonly addresses: ReadonlyArray<string>
  /** Milliseconds since 1970, by the sender's clock. */
  readonly sentAt: number
}

/** The largest beacon, in bytes: it fits one packet of every network. */
export const maxBeaconBytes = 1_200

/** Of a beacon: authenticated and encrypted, or, in a cluster without a cookie, neither. */
export type BeaconSuite = 0 | 1

/** What stands before the ciphertext, readable for everybody. */
export interface BeaconHeader {
  readonly suite: BeaconSuite
  readonly label: string
  readonly instance: string
  readonly counter: bigint
  /** Where the ciphertext begins. */
  readonly length: number
}

const magic = utf8("GCU1")
const tagBytes = 16
const clusterAt = magic.length + 1
const labelAt = clusterAt + 8

/** Magic, suite, cluster tag, an empty label, instance and counter. */
const minHeaderBytes = labelAt + 1 + 16 + 8

const fields: ReadonlySet<number> = new Set([
  identityField.name,
  identityField.generation,
  identityField.cluster,
  identityField.addresses,
  identityField.sentAt
])

/** The key of one sender's beacons, from `K_udp`. */
export const deriveBeaconKey = (udp: Uint8Array, instance: string): Uint8Array =>
  hkdf(udp, instanceBytes(instance), "gch1 beacon")

const nonceOf = (counter: bigint): Uint8Array => new ByteWriter(12).u32(0).u64(counter).finish()

const encodeBody = (beacon: Beacon, addresses: ReadonlyArray<string>): Uint8Array => {
  const writer = new ByteWriter(256)
  writeTlv(writer, identityField.name, utf8(beacon.name))
  writeTlv(writer, identityField.generation, new ByteWriter(8).u64(BigInt(beacon.generation)).finish())
  writeTlv(writer, identityField.cluster, utf8(beacon.cluster))
  if (addresses.length > 0) writeTlv(writer, identityField.addresses, encodeAddresses(addresses))
  writeTlv(writer, identityField.sentAt, new ByteWriter(8).u64(BigInt(beacon.sentAt)).finish())
  return writer.finish()
}

/**
 * A beacon as bytes: sealed with the sender's key, or without a key as plain text (suite 0), which proves nothing.
 * Addresses from the end are left out when it would be larger than 1,200 bytes.
 *
 * A counter never comes twice under one key: it is the nonce.
 */
export const encodeBeacon = (
  beacon: Beacon,
  by: {
    readonly clusterTag: Uint8Array
    readonly label: string
    readonly key: Uint8Array | undefined
    readonly counter: bigint
  }
): Uint8Array => {
  const { counter, key } = by
  const header = new ByteWriter(128)
    .bytes(magic)
    .u8(key === undefined ? 0 : 1)
    .bytes(by.clusterTag)
    .bytes8(utf8(by.label))
    .bytes(instanceBytes(beacon.instance))
    .u64(counter)
    .finish()
  const room = maxBeaconBytes - header.length - (key === undefined ? 0 : tagBytes)
  let { addresses } = beacon
  let body = encodeBody(beacon, addresses)
  while (body.length > room && addresses.length > 0) {
    addresses = addresses.slice(0, -1)
    body = encodeBody(beacon, addresses)
  }
  if (key === undefined) return concat(header, body)
  const cipher = createCipheriv("chacha20-poly1305", key, nonceOf(counter), { authTagLength: tagBytes })
  cipher.setAAD(header, { plaintextLength: body.length })
  return concat(header, cipher.update(body), cipher.final(), cipher.getAuthTag())
}

/** Why the bytes are no beacon for this cluster: told without any cryptography. */
export type NoBeacon = "short" | "long" | "magic" | "suite" | "cluster"

/** Reads what stands before the ciphertext. It allocates nothing for what is not of this cluster. */
export const readBeaconHeader = (
  bytes: Uint8Array,
  clusterTag: Uint8Array,
  suite: BeaconSuite
): BeaconHeader | NoBeacon => {
  const { length } = bytes
  if (length < minHeaderBytes + (suite === 1 ? tagBytes : 0)) return "short"
  if (length > maxBeaconBytes) return "long"
  for (let index = 0; index < magic.length; index++) if (bytes[index] !== magic[index]) return "magic"
  if (bytes[magic.length] !== suite) return "suite"
  for (let index = 0; index < 8; index++) if (bytes[clusterAt + index] !== clusterTag[index]) return "cluster"
  const labelLength = bytes[labelAt] ?? 0
  const end = minHeaderBytes + labelLength
  if (length < end + (suite === 1 ? tagBytes : 0)) return "short"
  const reader = new ByteReader(bytes.subarray(labelAt + 1, end))
  const label = String.fromCharCode(...reader.bytes(labelLength))
  return { suite, label, instance: toHex(reader.bytes(16)), counter: reader.u64(), length: end }
}

const decodeBody = (bytes: Uint8Array, { instance }: BeaconHeader): Parsed<Beacon> =>
  parsing(() => {
    const found = readTlvs(bytes, fields)
    const required = <A>(type: number, read: (reader: ByteReader) => A): A => {
      const reader = found.get(type)
      if (reader === undefined) throw new MalformedError(`field ${type} is missing`)
      const value = read(reader)
      reader.end()
      return value
    }
    const name = required(identityField.name, (reader) => reader.ascii(Math.min(reader.remaining, maxNodeNameBytes)))
    if (!isNodeName(name)) throw new MalformedError("the name is not in its canonical form")
    const list = found.get(identityField.addresses)
    const addresses = list === undefined ? [] : readAddresses(list)
    return {
      name,
      instance,
      generation: required(identityField.generation, (reader) => reader.safeU64()),
      cluster: required(identityField.cluster, (reader) =>
        reader.utf8(Math.min(reader.remaining, maxClusterNameBytes))
      ),
      addresses: addresses.filter((address) => {
        const read = parseAddress(address)
        if (!read.ok) throw new MalformedError(read.reason)
        return isDialable(read.value)
      }),
      sentAt: required(identityField.sentAt, (reader) => reader.safeU64())
    }
  })

/** The plain text of a sealed beacon; `undefined` when the tag is not that of the key. */
const unseal = (bytes: Uint8Array, { counter, length }: BeaconHeader, key: Uint8Array): Uint8Array | undefined => {
  const end = bytes.length - tagBytes
  const decipher = createDecipheriv("chacha20-poly1305", key, nonceOf(counter), { authTagLength: tagBytes })
  decipher.setAAD(bytes.subarray(0, length), { plaintextLength: end - length })
  decipher.setAuthTag(bytes.subarray(end))
  const body = decipher.update(bytes.subarray(length, end))
  try {
    decipher.final()
  } catch {
    return undefined
  }
  return body
}

/** Opens a beacon with its sender's key: `"tag"` when it is not authentic. Plain ones (suite 0) are only read. */
export const openBeacon = (
  bytes: Uint8Array,
  header: BeaconHeader,
  key: Uint8Array | undefined
): Beacon | "tag" | "malformed" => {
  if ((key === undefined) !== (header.suite === 0)) return "tag"
  const body = key === undefined ? bytes.subarray(header.length) : unseal(bytes, header, key)
  if (body === undefined) return "tag"
  const beacon = decodeBody(body, header)
  return beacon.ok ? beacon.value : "malformed"
}
