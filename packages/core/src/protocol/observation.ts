import { ByteReader, ByteWriter, MalformedError, type Parsed, parsing, toHex, utf8 } from "./bytes.ts"
import { instanceBytes, maxAppVersionBytes } from "./identity.ts"
import { encodeMetadata, readMetadata } from "./metadata.ts"
import type { DownReason, MemberEvent, MemberState, MemberView } from "./node.ts"
import { readPeer, writePeer } from "./peerEntries.ts"

/** What an EVENT frame tells an observer: an event, or that all of what was there has been told. */
export type Observation = MemberEvent | { readonly _tag: "Synced" }

/** A kind's place in the list is its number on the wire. */
const kinds = [
  "Synced",
  "Up",
  "Updated",
  "Suspected",
  "Recovered",
  "Unreachable",
  "Reachable",
  "Down",
  "Left",
  "Removed",
  "NameConflict"
] as const satisfies ReadonlyArray<Observation["_tag"]>

const states: ReadonlyArray<MemberState> = ["alive", "suspect", "unreachable", "down", "left"]

const downReasons: ReadonlyArray<DownReason> = ["closed", "timeout", "restarted", "disconnected"]

/**
 * The body of an EVENT frame: `kind u8`, and unless it is 0 (Synced), of Down `reason u8`, of NameConflict `instance 16`, then the
 * member: `length u8, name · instance 16 · generation u64 · count u8 · count × { length u8, address } · state u8 ·
 * length u8, application's version (UTF-8, empty for none) · metadata`, the metadata as in META and to the end.
 *
 * With all its parts at their bounds it has 6,508 bytes. A value out of its bounds throws a `RangeError`.
 */
export const encodeObservation = (observation: Observation): Uint8Array => {
  const writer = new ByteWriter(256).u8(kinds.indexOf(observation._tag))
  if (observation._tag === "Synced") return writer.finish()
  if (observation._tag === "Down") writer.u8(downReasons.indexOf(observation.reason))
  if (observation._tag === "NameConflict") writer.bytes(instanceBytes(observation.instance))
  const { member } = observation
  const appVersion = utf8(member.appVersion ?? "")
  if (appVersion.length > maxAppVersionBytes) throw new RangeError("an application version is too long")
  writePeer(writer, member)
  writer.u8(states.indexOf(member.state)).bytes8(appVersion)
  return writer.bytes(encodeMetadata(member.metadata)).finish()
}

/** Reads the body of an EVENT frame. Never throws; whatever is missing, too much or without a meaning is malformed. */
export const decodeObservation = (body: Uint8Array): Parsed<Observation> =>
  parsing(() => {
    const reader = new ByteReader(body)
    const _tag = oneOf(kinds, reader.u8())
    switch (_tag) {
      case "Synced":
        reader.end()
        return { _tag }
      case "Down": {
        const reason = oneOf(downReasons, reader.u8())
        return { _tag, member: readMember(body, reader), reason }
      }
      case "NameConflict": {
        const instance = toHex(reader.bytes(16))
        return { _tag, member: readMember(body, reader), instance }
      }
      default:
        return { _tag, member: readMember(body, reader) }
    }
  })

const readMember = (body: Uint8Array, reader: ByteReader): MemberView => {
  const peer = readPeer(body, reader)
  const state = oneOf(states, reader.u8())
  const length = reader.u8()
  if (length > maxAppVersionBytes) throw new MalformedError("an application version is too long")
  const appVersion = length === 0 ? undefined : reader.utf8(length)
  return { ...peer, state, appVersion, metadata: readMetadata(reader) }
}

const oneOf = <A>(list: ReadonlyArray<A>, index: number): A => {
  const value = list[index]
  if (value === undefined) throw new MalformedError("a number without a meaning")
  return value
}
