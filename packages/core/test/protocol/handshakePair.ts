import { createHash } from "node:crypto"
import { accepted, type Decision } from "../../src/protocol/decisions.ts"
import { type Frame, withPrefix } from "../../src/protocol/frames.ts"
import type { HandshakeConfig } from "../../src/protocol/handshake.ts"
import * as Initiator from "../../src/protocol/handshakeInitiator.ts"
import * as Responder from "../../src/protocol/handshakeResponder.ts"
import type { Identity } from "../../src/protocol/identity.ts"
import { deriveKeys, hkdf } from "../../src/protocol/keys.ts"
import { FrameDecoder } from "../../src/protocol/streamDecoder.ts"

/** 32 bytes that depend on a text. */
export const bytes32 = (text: string): Uint8Array => new Uint8Array(createHash("sha256").update(text).digest())

export const keysOf = (text: string) => deriveKeys(hkdf(bytes32(text), new Uint8Array(0), "test"))

export const zeros = new Uint8Array(32)

export const config: HandshakeConfig = {
  cluster: "orders",
  mode: 1,
  channelBinding: bytes32("a TLS connection"),
  keyring: [{ label: "k0", keys: keysOf("cookie") }]
}

export const alice: Identity = {
  name: "a@10.0.0.1",
  instance: "11".repeat(16),
  generation: 1_750_000_000_000,
  attempt: 3,
  cluster: "orders",
  dialed: "b@10.0.0.2",
  capabilities: 0n,
  addresses: ["tls://10.0.0.1:4370"]
}

export const bob: Identity = {
  name: "b@10.0.0.2",
  instance: "22".repeat(16),
  generation: 1_750_000_000_001,
  attempt: 0,
  cluster: "orders",
  capabilities: 1n,
  addresses: [],
  appVersion: "1.2.3"
}

/** The messages in their order; even ones go from the initiator to the responder. */
export const messages = ["HELLO", "CHALLENGE", "AUTH", "WELCOME", "READY"] as const
export type Message = (typeof messages)[number]

export interface PairOptions {
  readonly initiator?: HandshakeConfig
  readonly responder?: HandshakeConfig
  readonly dialer?: Identity
  readonly acceptor?: Identity
  readonly ni?: Uint8Array
  readonly nr?: Uint8Array
  readonly welcome?: { readonly decision: Decision; readonly retryAfterMs?: number; readonly knownGeneration?: number }
  readonly ready?: { readonly decision: Decision; readonly retryAfterMs?: number; readonly knownGeneration?: number }
  /** Changes the bytes of a message on their way, length prefix included. */
  readonly tamper?: (message: Message, wire: Uint8Array) => Uint8Array
}

export interface PairResult {
  /** The frames that were sent, before anybody tampered with them. */
  readonly frames: ReadonlyMap<Message, Frame>
  readonly initiator: ReadonlyArray<Initiator.InitiatorStep>
  readonly responder: ReadonlyArray<Responder.ResponderStep>
  /** The id that the initiator computed, when it came so far. */
  readonly connectionId: string | undefined
}

/** Runs both sides against each other in memory, over the real framing, until both are done or one waits in vain. */
export const runPair = (options: PairOptions = {}): PairResult => {
  const { initiator: ours = config, responder: theirs = config, dialer = alice, acceptor = bob } = options
  const frames = new Map<Message, Frame>()
  const initiator: Array<Initiator.InitiatorStep> = []
  const responder: Array<Responder.ResponderStep> = []
  const result = (connectionId?: string): PairResult => ({ frames, initiator, responder, connectionId })
  const deliver = (message: Message, frame: Frame): Frame | undefined => {
    frames.set(message, frame.slice())
    const decoder = new FrameDecoder()
    const wire = withPrefix(frame)
    decoder.push(options.tamper?.(message, wire) ?? wire)
    const next = decoder.next(4096)
    return next instanceof Uint8Array ? next : undefined
  }
  const toResponder = (message: Message, state: Responder.ResponderState, frame: Frame) => {
    const delivered = deliver(message, frame)
    if (delivered === undefined) return undefined
    const step = Responder.receive(state, delivered)
    responder.push(step)
    return step
  }
  const toInitiator = (message: Message, state: Initiator.InitiatorState, frame: Frame) => {
    const delivered = deliver(message, frame)
    if (delivered === undefined) return undefined
    const step = Initiator.receive(state, delivered)
    initiator.push(step)
    return step
  }

  const hello = Initiator.start({ config: ours, identity: dialer, nonce: options.ni ?? bytes32("Ni") })
  const challenged = toResponder(
    "HELLO",
    Responder.accept({ config: theirs, nonce: options.nr ?? bytes32("Nr") }),
    hello.frame
  )
  if (challenged?._tag !== "Send") return result()
  const authenticating = toInitiator("CHALLENGE", hello.state, challenged.frame)
  if (authenticating?._tag !== "Send") return result()
  const authenticated = toResponder("AUTH", challenged.state, authenticating.frame)
  if (authenticated?._tag !== "Authenticated") return result()
  const answer = { identity: acceptor, ...(options.welcome ?? { decision: accepted }) }
  const welcome = Responder.welcome(authenticated.state, answer)
  const welcomed = toInitiator("WELCOME", authenticating.state, welcome.frame)
  if (welcomed?._tag !== "Welcomed") return result()
  const ready = Initiator.ready(welcomed.state, options.ready ?? { decision: accepted })
  toResponder("READY", welcome.state, ready.frame)
  return result(ready.connectionId())
}
