import { accepted, codes, type Decision, type RejectCode } from "./decisions.ts"
import { type Frame, frameType, wireHash } from "./frames.ts"
import {
  assertConfig,
  assertNonce,
  connectionId,
  type Failed,
  failed,
  frameProblem,
  type HandshakeConfig,
  hashChallenge,
  hashNext,
  isSealed,
  type KeyringEntry,
  type Refused,
  seal
} from "./handshake.ts"
import {
  decodeChallenge,
  decodeReject,
  decodeWelcome,
  encodeAuth,
  encodeHello,
  encodeReady,
  protocolVersion,
  suiteHmacSha256
} from "./handshakeFrames.ts"
import { decodeIdentity, encodeIdentity, type Identity } from "./identity.ts"
import { clusterTag, type Keys } from "./keys.ts"

/** HELLO is out, CHALLENGE is due. */
export interface AwaitingChallenge {
  readonly _tag: "AwaitingChallenge"
  readonly config: HandshakeConfig
  readonly entry: KeyringEntry
  readonly identity: Identity
  readonly helloHash: Uint8Array
}

/** AUTH is out, WELCOME is due. */
export interface AwaitingWelcome {
  readonly _tag: "AwaitingWelcome"
  readonly keys: Keys
  readonly th3: Uint8Array
}

/** WELCOME let us in; the caller's verdict is due, see {@link ready}. */
export interface Deciding {
  readonly _tag: "Deciding"
  readonly keys: Keys
  readonly th4: Uint8Array
}

/** A dialer that waits for a frame. */
export type InitiatorState = AwaitingChallenge | AwaitingWelcome

/** Send the frame, then wait for the next one. */
export interface Send {
  readonly _tag: "Send"
  readonly state: InitiatorState
  readonly frame: Frame
}

/** The peer is authenticated and lets us in: judge it (`checkPeer` and what only the membership knows), then call {@link ready}. */
export interface Welcomed {
  readonly _tag: "Welcomed"
  readonly state: Deciding
  readonly peer: Identity
}

/** The other side refused without authentication: it delays this address, by 30 s at most, and means nothing more. */
export interface Rejected {
  readonly _tag: "Rejected"
  readonly code: RejectCode
  readonly retryAfterMs: number
}

/** What a frame leads to. Only `Send` and `Welcomed` go on; after the others the stream is closed. */
export type InitiatorStep = Send | Welcomed | Refused | Rejected | Failed

/** Begins a handshake as the side that dialed. `nonce` is 32 fresh random bytes; `identity` has this dial's `attempt` and `dialed`. */
export const start = (options: {
  readonly config: HandshakeConfig
  readonly identity: Identity
  readonly nonce: Uint8Array
}): { readonly state: AwaitingChallenge; readonly frame: Frame } => {
  const { config, identity, nonce } = options
  assertConfig(config)
  assertNonce(nonce)
  const entry = config.keyring[0]
  if (entry === undefined) throw new RangeError("the keyring is empty")
  const frame = encodeHello({
    verMin: protocolVersion,
    verMax: protocolVersion,
    mode: config.mode,
    suites: [suiteHmacSha256],
    clusterTag: clusterTag(config.cluster),
    label: entry.label,
    nonce
  })
  return { state: { _tag: "AwaitingChallenge", config, entry, identity, helloHash: wireHash(frame) }, frame }
}

/** Takes the next frame of the accepting side. */
export const receive = (state: InitiatorState, frame: Frame): InitiatorStep => {
  if (frame[0] === frameType.reject) return receiveReject(frame)
  return state._tag === "AwaitingChallenge" ? receiveChallenge(state, frame) : receiveWelcome(state, frame)
}

const receiveReject = (frame: Frame): InitiatorStep => {
  const reject = decodeReject(frame)
  return reject.ok ? { _tag: "Rejected", ...reject.value } : failed(codes.malformed, reject.reason)
}

const receiveChallenge = (state: AwaitingChallenge, frame: Frame): InitiatorStep => {
  const challenge = decodeChallenge(frame)
  if (!challenge.ok) return failed(codes.malformed, challenge.reason)
  const { mode, suite, version } = challenge.value
  if (version !== protocolVersion) return failed(codes.version_unsupported, `the peer chose version ${version}`)
  if (suite !== suiteHmacSha256) return failed(codes.version_unsupported, `the peer chose suite ${suite}`)
  const { config, entry, identity } = state
  if (mode !== config.mode) return failed(codes.auth_failed, `the peer is in mode ${mode}, this node in ${config.mode}`)
  const th2 = hashChallenge(state.helloHash, frame, config.channelBinding)
  const record = encodeIdentity({ ...identity, dialed: identity.dialed ?? "" })
  const auth = seal(entry.keys.initiator, "gch1 auth", th2, encodeAuth({ identity: record }))
  return { _tag: "Send", state: { _tag: "AwaitingWelcome", keys: entry.keys, th3: hashNext(th2, auth) }, frame: auth }
}

const receiveWelcome = (state: AwaitingWelcome, frame: Frame): InitiatorStep => {
  const problem = frameProblem(frame, frameType.welcome)
  if (problem !== undefined) return failed(codes.malformed, problem)
  if (!isSealed(state.keys.responder, "gch1 welcome", state.th3, frame)) {
    return failed(codes.auth_failed, "the MAC of WELCOME is wrong")
  }
  const welcome = decodeWelcome(frame)
  if (!welcome.ok) return failed(codes.malformed, welcome.reason)
  const identity = decodeIdentity(welcome.value.identity)
  if (!identity.ok) return failed(codes.malformed, identity.reason)
  const peer = identity.value
  if (peer.dialed !== undefined) return failed(codes.malformed, "WELCOME has a dialed name")
  if (peer.attempt !== 0) return failed(codes.malformed, "WELCOME has an attempt")
  const { decision: code, retryAfterMs } = welcome.value
  if (code === accepted) {
    return { _tag: "Welcomed", state: { _tag: "Deciding", keys: state.keys, th4: hashNext(state.th3, frame) }, peer }
  }
  const { knownGeneration } = peer
  return { _tag: "Refused", peer, code, retryAfterMs, ...(knownGeneration !== undefined && { knownGeneration }) }
}

/**
 * Answers WELCOME with our verdict on the peer. After a `decision` other than 0, close. `knownGeneration` goes with
 * `stale_incarnation`. The connection's id is 32 hexadecimal digits, the same on both sides.
 */
export const ready = (
  state: Deciding,
  verdict: { readonly decision: Decision; readonly retryAfterMs?: number; readonly knownGeneration?: number }
): { readonly frame: Frame; readonly connectionId: () => string } => {
  const { decision, knownGeneration = 0, retryAfterMs = 0 } = verdict
  const frame = encodeReady({ decision, retryAfterMs, knownGeneration })
  seal(state.keys.ready, "gch1 ready", state.th4, frame)
  return { frame, connectionId: () => connectionId(state.keys, state.th4) }
}
