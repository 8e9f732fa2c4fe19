import { type Answer, decode, encode, type Packet, RECURSION_DESIRED } from "dns-packet"
import { isIPv4, isIPv6 } from "node:net"
import type { RecordType, Srv } from "../Resolver.ts"
import { canonical } from "./names.ts"

/** A question to a server; the name has no dot at its end. */
export interface Question {
  readonly name: string
  readonly type: RecordType
}

/** One record of an answer, its names canonical; types that nobody here reads are left out. */
export type ResourceRecord =
  | {
      readonly type: "A" | "AAAA" | "CNAME" | "PTR"
      readonly name: string
      readonly ttl: number
      readonly data: string
    }
  | { readonly type: "SRV"; readonly name: string; readonly ttl: number; readonly data: Srv }

/** An answer to a question that was asked. */
export interface Reply {
  readonly rcode: number
  readonly truncated: boolean
  /** Whether it names other servers in place of an answer. */
  readonly referral: boolean
  readonly answers: ReadonlyArray<ResourceRecord>
  readonly additionals: ReadonlyArray<ResourceRecord>
}

/** Why a message is not the answer that is waited for: it is none at all, or one to something else. */
export type Mismatch = "malformed" | "id" | "question"

/** The size of a UDP answer that is asked for: what passes everywhere in one piece. */
const udpPayloadSize = 1232

/** The number of an error code, by its name (RFC 6895 section 2.3). */
export const rcodes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5, BADVERS: 16 } as const

/** The name of an error code, `RCODE 23` for one without. */
export const rcodeText = (rcode: number): string =>
  Object.entries(rcodes).find(([, code]) => code === rcode)?.[0] ?? `RCODE ${rcode}`

export const encodeQuery = (id: number, { name, type }: Question, edns: boolean): Uint8Array =>
  encode({
    type: "query",
    id,
    flags: RECURSION_DESIRED,
    questions: [{ name, type, class: "IN" }],
    ...(edns ? { additionals: [{ ...opt }] } : {})
  })

const opt: Answer = {
  type: "OPT",
  name: ".",
  udpPayloadSize,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: []
}

/** Reads a message as the answer to a question. The bytes are anybody's: whatever they are, this does not throw. */
export const decodeReply = (bytes: Uint8Array, id: number, question: Question): Reply | Mismatch => {
  if (bytes.length < 12) return "malformed"
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (buffer.readUInt16BE(0) !== id) return "id"
  const truncated = (buffer.readUInt16BE(2) & truncatedFlag) !== 0
  let packet: Packet
  try {
    packet = decode(truncated ? questionOf(buffer) : buffer)
    // A record of another length than its type has shifts all that follows.
    if (!truncated && decode.bytes !== buffer.length) return "malformed"
  } catch {
    return "malformed"
  }
  const flags = packet.flags ?? 0
  if (packet.type !== "response" || ((flags >> 11) & 0xf) !== 0) return "malformed"
  const rcode = (flags & 0xf) | extendedRcode(packet)
  // A server that understands nothing of a query may send its header alone.
  const bare = packet.questions?.length === 0 && (rcode === rcodes.FORMERR || rcode === rcodes.NOTIMP)
  if (!bare && !(isAnswerTo(packet, question) && isAbout(packet, question))) return "question"
  const answers = records(packet.answers)
  const additionals = records(packet.additionals)
  if (answers === undefined || additionals === undefined) return "malformed"
  return { rcode, truncated, referral: isReferral(packet), answers, additionals }
}

/** A truncated message without its records: the last one may be cut anywhere, and none of them counts (RFC 2181 section 9). */
const questionOf = (buffer: Buffer): Buffer => {
  const copy = Buffer.from(buffer)
  return copy.fill(0, 6, 12)
}

const truncatedFlag = 0x0200
const authoritativeFlag = 0x0400

/** RFC 1034 section 4.3.2: servers of a part of the zone, and nothing of one's own. */
const isReferral = ({ answers = [], authorities = [], flags = 0 }: Packet): boolean =>
  answers.length === 0 &&
  (flags & authoritativeFlag) === 0 &&
  authorities.some(({ type }) => type === "NS") &&
  !authorities.some(({ type }) => type === "SOA")

const extendedRcode = (packet: Packet): number => {
  const found = packet.additionals?.find((record) => record.type === "OPT")
  return found?.type === "OPT" ? found.extendedRcode << 4 : 0
}

const isAnswerTo = ({ questions = [] }: Packet, { name, type }: Question): boolean => {
  const [first, ...others] = questions
  if (first === undefined || others.length > 0) return false
  return canonical(first.name) === canonical(name) && first.type === type && first.class === "IN"
}

/** Records of other names alone say nothing of the one that was asked, and least of all that it has none. */
const isAbout = ({ answers = [] }: Packet, { name }: Question): boolean =>
  answers.length === 0 || answers.some((record) => canonical(record.name) === canonical(name))

const records = (all: ReadonlyArray<Answer> = []): ReadonlyArray<ResourceRecord> | undefined => {
  const read: Array<ResourceRecord> = []
  for (const record of all) {
    if (record.type === "OPT" || record.class !== "IN" || record.flush === true) continue
    const [name, ttl] = [canonical(record.name), readTtl(record.ttl)]
    if (record.type === "A" || record.type === "AAAA") {
      if (!(record.type === "A" ? isIPv4(record.data) : isIPv6(record.data))) return undefined
      read.push({ type: record.type, name, ttl, data: record.data.toLowerCase() })
    }
    if (record.type === "CNAME" || record.type === "PTR") {
      read.push({ type: record.type, name, ttl, data: canonical(record.data) })
    }
    if (record.type === "SRV") {
      const { port, priority = 0, target, weight = 0 } = record.data
      read.push({ type: "SRV", name, ttl, data: { target: canonical(target), port, priority, weight } })
    }
  }
  return read
}

/** A time to live with the highest bit set counts as 0 (RFC 2181 section 8). */
const readTtl = (ttl = 0): number => (ttl > 0x7fff_ffff ? 0 : ttl)
