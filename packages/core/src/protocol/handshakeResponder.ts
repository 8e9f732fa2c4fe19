import { constantTimeEqual } from "./bytes.ts"
import { accepted, codes, type Decision } from "./decisions.ts"
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
  rejecting,
  seal
} from "./handshake.ts"
import {
  decodeAuth,
  decodeHello,
  decodeHelloVersions,
  decodeReady,
  encodeChallenge,
  encodeWelcome,
  protocolVersion,
  suiteHmacSha256
} from "./handshakeFrames.ts"
import { decodeIdentity, encodeIdentity, type Identity } from "./identity.ts"
import { clusterTag } from "./keys.ts"

/** Nothing came yet, HELLO is due. */
export interface AwaitingHello {
  readonly _tag: "AwaitingHello"
  readonly config: HandshakeConfig
  readonly nonce: Uint8Array
}

/** CHALLENGE is out, AUTH is due. */
export interface AwaitingAuth {
  readonly _tag: "AwaitingAuth"
  readonly entry: KeyringEntry
  readonly th2: Uint8Array
}

/** The peer is authenticated; the caller's verdict is due, see {@link welcome}. No frame may come meanwhile. */
export interface Deciding {
  readonly _tag: "Deciding"
  readonly entry: KeyringEntry
  readonly th3: Uint8Array
  readonly peer: Identity
}

/** WELCOME is out and lets the peer in; READY is due. */
export interface AwaitingReady {
  readonly _tag: "AwaitingReady"
  readonly entry: KeyringEntry
  readonly th4: Uint8Array
  readonly peer: Identity
}

/** WELCOME refused the peer: nothing more is due. */
export interface Closed {
  readonly _tag: "Closed"
}

/** The accepting side at any moment. */
export type ResponderState = AwaitingHello | AwaitingAuth | Deciding | AwaitingReady | Closed

/** Send the frame, then wait for the next one. */
export interface Send {
  readonly _tag: "Send"
  readonly state: AwaitingAuth
  readonly frame: Frame
}

/** The peer holds the cookie: judge it (`checkPeer` and what only the membership knows), then call {@link welcome}. */
export interface Authenticated {
  readonly _tag: "Authenticated"
  readonly state: Deciding
  readonly peer: Identity
  /** Which cookie the peer used: during a rotation, the old one's label shows who is still to be restarted. */
  readonly label: string
}

/** Both sides agree: the stream is a link from here on. */
export interface Ready {
  readonly _tag: "Ready"
  readonly peer: Identity
  /** 32 hexadecimal digits, the same on both sides. */
  readonly connectionId: () => string
}

/** What a frame leads to. Only `Send`, `Authenticated` and `Ready` go on; after the others the stream is closed. */
export type ResponderStep = Send | Authenticated | Ready | Refused | Failed

/** Begins a handshake as the side that accepted the connection. `nonce` is 32 fresh random bytes. */
export const accept = (options: { readonly config: HandshakeConfig; readonly nonce: Uint8Array }): AwaitingHello => {
  assertConfig(options.config)
  assertNonce(options.nonce)
  return { _tag: "AwaitingHello", config: options.config, nonce: options.nonce }
}

/** Takes the next frame of the dialing side. A frame that is not due, whatever it holds, is malformed. */
export const receive = (state: ResponderState, frame: Frame): ResponderStep => {
  switch (state._tag) {
    case "AwaitingHello":
      return receiveHello(state, frame)
    case "AwaitingAuth":
      return receiveAuth(state, frame)
    case "AwaitingReady":
      return receiveReady(state, frame)
    case "Deciding":
    case "Closed":
      return failed(codes.malformed, `a frame of type ${frame[0]} where none was due`)
  }
}

/**
 * The verdicts on HELLO, in this order: malformed; no common version or suite: `version_unsupported`; another cluster:
 * `cluster_mismatch`; another mode or an unknown label: `auth_failed`, because trying again soon helps neither.
 */
const receiveHello = (state: AwaitingHello, frame: Frame): ResponderStep => {
  const versions = decodeHelloVersions(frame)
  if (!versions.ok) return rejecting(codes.malformed, versions.reason)
  const { verMax, verMin } = versions.value
  if (protocolVersion < verMin || protocolVersion > verMax) {
    return rejecting(codes.version_unsupported, `the peer speaks versions ${verMin} to ${verMax}`)
  }
  const decoded = decodeHello(frame)
  if (!decoded.ok) return rejecting(codes.malformed, decoded.reason)
  const hello = decoded.value
  const { config, nonce } = state
  if (!hello.suites.includes(suiteHmacSha256)) {
    return rejecting(codes.version_unsupported, `the peer offers suites ${hello.suites.join(", ")}`)
  }
  if (!constantTimeEqual(hello.clusterTag, clusterTag(config.cluster))) {
    return rejecting(codes.cluster_mismatch, "the peer belongs to another cluster")
  }
  if (hello.mode !== config.mode) {
    return rejecting(codes.auth_failed, `the peer is in mode ${hello.mode}, this node in ${config.mode}`)
  }
  const entry = config.keyring.find((candidate) => candidate.label === hello.label)
  if (entry === undefined) return rejecting(codes.auth_failed, `no cookie is labelled "${hello.label}" here`)
  const challenge = encodeChallenge({ version: protocolVersion, suite: suiteHmacSha256, mode: config.mode, nonce })
  const th2 = hashChallenge(wireHash(frame), challenge, config.channelBinding)
  return { _tag: "Send", state: { _tag: "AwaitingAuth", entry, th2 }, frame: challenge }
}

const receiveAuth = (state: AwaitingAuth, frame: Frame): ResponderStep => {
  const problem = frameProblem(frame, frameType.auth)
  if (problem !== undefined) return rejecting(codes.malformed, problem)
  if (!isSealed(state.entry.keys.initiator, "gch1 auth", state.th2, frame)) {
    return rejecting(codes.auth_failed, "the MAC of AUTH is wrong: another cookie, or another stream")
  }
  const auth = decodeAuth(frame)
  if (!auth.ok) return rejecting(codes.malformed, auth.reason)
  const identity = decodeIdentity(auth.value.identity)
  if (!identity.ok) return rejecting(codes.malformed, identity.reason)
  const { entry } = state
  const peer = identity.value
  const th3 = hashNext(state.th2, frame)
  return { _tag: "Authenticated", state: { _tag: "Deciding", entry, th3, peer }, peer, label: entry.label }
}

/**
 * Answers AUTH with our identity and our verdict on the peer. After a `decision` other than 0, close. `knownGeneration` goes
 * with `stale_incarnation`. The identity's `attempt` and `dialed` are a dialer's and are not sent.
 */
export const welcome = (
  state: Deciding,
  answer: {
    readonly identity: Identity
    readonly decision: Decision
    readonly retryAfterMs?: number
    readonly knownGeneration?: number
  }
): { readonly state: AwaitingReady | Closed; readonly frame: Frame } => {
  const { decision, knownGeneration, retryAfterMs = 0 } = answer
  const { dialed: _dialed, knownGeneration: _known, ...self } = answer.identity
  const identity = encodeIdentity({ ...self, attempt: 0, ...(knownGeneration !== undefined && { knownGeneration }) })
  const frame = encodeWelcome({ identity, decision, retryAfterMs })
  seal(state.entry.keys.responder, "gch1 welcome", state.th3, frame)
  if (decision !== accepted) return { state: { _tag: "Closed" }, frame }
  const { entry, peer } = state
  return { state: { _tag: "AwaitingReady", entry, th4: hashNext(state.th3, frame), peer }, frame }
}

const receiveReady = (state: AwaitingReady, frame: Frame): ResponderStep => {
  const problem = frameProblem(frame, frameType.ready)
  if (problem !== undefined) return failed(codes.malformed, problem)
  const { entry, peer, th4 } = state
  if (!isSealed(entry.keys.ready, "gch1 ready", th4, frame)) {
    return failed(codes.auth_failed, "the MAC of READY is wrong")
  }
  const decoded = decodeReady(frame)
  if (!decoded.ok) return failed(codes.malformed, decoded.reason)
  const { decision: code, knownGeneration, retryAfterMs } = decoded.value
  if (code === accepted) return { _tag: "Ready", peer, connectionId: () => connectionId(entry.keys, th4) }
  return { _tag: "Refused", peer, code, retryAfterMs, ...(knownGeneration !== 0 && { knownGeneration }) }
}
