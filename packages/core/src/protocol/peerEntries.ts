import { formatAddress, parseAddress } from "./addresses.ts"
import { ByteReader, type ByteWriter, latin1, MalformedError, toHex, utf8, utf8Length } from "./bytes.ts"
import type { Frame } from "./frames.ts"
import { instanceBytes, maxAddresses } from "./identity.ts"
import { isNodeName } from "./names.ts"

/** A node that the sender of PEERS holds a link to. */
export interface PeerEntry {
  /** Canonical, as all names on the wire. */
  readonly name: string
  /** 32 lower-case hexadecimal digits. */
  readonly instance: string
  /** Milliseconds since 1970, at most 2^53−1. */
  readonly generation: number
  /** At most 8, canonical. */
  readonly addresses: ReadonlyArray<string>
}

/** How many bytes an entry takes in a frame. */
export const peerLength = (peer: PeerEntry): number =>
  peer.addresses.reduce((length, address) => length + 1 + utf8Length(address), 1 + utf8Length(peer.name) + 16 + 8 + 1)

/** Appends an entry. */
export const writePeer = (writer: ByteWriter, peer: PeerEntry): void => {
  if (peer.addresses.length > maxAddresses) throw new RangeError(`a peer has at most ${maxAddresses} addresses`)
  writer.bytes8(utf8(peer.name)).bytes(instanceBytes(peer.instance)).u64(BigInt(peer.generation))
  writer.u8(peer.addresses.length)
  for (const address of peer.addresses) writer.bytes8(utf8(address))
}

const maxKnown = 1_024

/** Entries by their bytes: in a mesh every neighbour tells of the same nodes. */
const known = new Map<string, PeerEntry>()

/** Reads the next entry of a frame. The same bytes give the same object. */
export const readPeer = (frame: Frame, reader: ByteReader): PeerEntry => {
  const from = frame.length - reader.remaining
  skip(reader)
  const bytes = frame.subarray(from, frame.length - reader.remaining)
  const key = latin1(bytes)
  const before = known.get(key)
  if (before !== undefined) return before
  const entry = parse(new ByteReader(bytes))
  for (const oldest of known.keys()) {
    if (known.size < maxKnown) break
    known.delete(oldest)
  }
  known.set(key, entry)
  return entry
}

const skip = (reader: ByteReader): void => {
  reader.bytes(reader.u8() + 16 + 8)
  const count = reader.u8()
  if (count > maxAddresses) throw new MalformedError(`a peer has more than ${maxAddresses} addresses`)
  for (let index = 0; index < count; index++) reader.bytes(reader.u8())
}

const parse = (reader: ByteReader): PeerEntry => {
  const name = reader.ascii(reader.u8())
  if (!isNodeName(name)) throw new MalformedError("a peer's name is malformed")
  const instance = toHex(reader.bytes(16))
  const generation = reader.safeU64()
  const addresses = Array.from({ length: reader.u8() }, () => {
    const address = parseAddress(reader.ascii(reader.u8()))
    if (!address.ok) throw new MalformedError("a peer's address is malformed")
    return formatAddress(address.value)
  })
  return { name, instance, generation, addresses }
}
