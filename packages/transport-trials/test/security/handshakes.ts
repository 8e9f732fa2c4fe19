/**
 * Whole handshakes of an attacker, in which it may change what is on its way.
 */
import * as G from "./gch1.ts"
import type { Kit } from "../kit.ts"
import { bindingOf, plainTo, secureTo, type Wire, withKey } from "./wire.ts"
import { cluster, cookie } from "./victim.ts"

export type Message = "HELLO" | "CHALLENGE" | "AUTH" | "WELCOME" | "READY"

/** Changes the bytes of a message on their way. */
export type Tamper = (message: Message, wire: Buffer) => Buffer

const asIs: Tamper = (_message, wire) => wire

export const secrets = G.secretsOf(cookie, cluster)

/** Somebody who holds the cookie, as it would be seen on this stream. */
export const party = (wire: Wire, mode: 0 | 1 | 2, changes: Partial<G.Party> = {}): G.Party => ({
  secrets,
  cluster,
  mode,
  binding: bindingOf(wire),
  identity: G.identity({ cluster, name: "mallory@127.0.0.1" }),
  ...changes
})

/** What another dialer's own length prefix promises, so that the other end waits for bytes that never come. */
const isShort = (wire: Buffer): boolean => wire.readUInt32BE() > wire.length - 4 && wire.readUInt32BE() <= 4_096

/**
 * A dialer that goes on as long as it is answered: HELLO, AUTH, then READY with its META behind. Gives what came after READY:
 * META of the other end, when that believed everything.
 */
export const dialAs = async (
  wire: Wire,
  us: G.Party,
  tamper: Tamper = asIs,
  meta = G.metaOf()
): Promise<ReadonlyArray<Buffer>> => {
  const send = (message: Message, bytes: Buffer, ...more: ReadonlyArray<Buffer>) => {
    const sent = tamper(message, bytes)
    wire.send(sent, ...more)
    if (isShort(sent)) wire.end()
  }
  const hello = G.helloOf(us)
  send("HELLO", hello)
  const challenge = await wire.next()
  if (challenge === undefined || G.typeOf(challenge) !== 2) return []
  const th2 = G.hash2(hello, challenge, us)
  const auth = G.authOf(us, th2)
  send("AUTH", auth)
  const welcome = await wire.next()
  if (welcome === undefined || G.typeOf(welcome) !== 4) return []
  const th3 = G.hashOn(th2, auth)
  send("READY", G.readyOf(us, G.hashOn(th3, welcome)), meta)
  const first = await wire.next()
  return first === undefined ? [] : [first]
}

/** The accepting side, which lets everybody in: gives what came after WELCOME, which is READY when the dialer believed it. */
export const acceptAs = async (wire: Wire, us: G.Party, tamper: Tamper = asIs): Promise<ReadonlyArray<Buffer>> => {
  const send = (message: Message, bytes: Buffer) => {
    const sent = tamper(message, bytes)
    wire.send(sent)
    if (isShort(sent)) wire.end()
  }
  const hello = await wire.next()
  if (hello === undefined || G.typeOf(hello) !== 1) return []
  const challenge = G.challengeOf(us)
  send("CHALLENGE", challenge)
  const auth = await wire.next()
  if (auth === undefined || G.typeOf(auth) !== 3) return []
  const th3 = G.hashOn(G.hash2(hello, challenge, us), auth)
  send("WELCOME", G.welcomeOf(us, th3))
  const first = await wire.next()
  return first === undefined ? [] : [first]
}

/** A stream to a node on loopback in this mode, as somebody gets it who holds the cookie. */
export const reach = async (kit: Kit, port: number, mode: "plain" | "psk"): Promise<Wire> => {
  if (mode === "plain") return plainTo(kit, port)
  const wire = await secureTo(kit, port, withKey(G.pskIdentityOf(cluster), secrets.psk))
  if (wire instanceof Error) throw wire
  return wire
}

/** One bit of a frame changed. */
export const flipped = (wire: Buffer, bit: number): Buffer => {
  const copy = Buffer.from(wire)
  copy[bit >> 3]! ^= 1 << (bit & 7)
  return copy
}
