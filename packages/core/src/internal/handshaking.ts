import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { HandshakeConfig, KeyringEntry } from "../protocol/handshake.ts"
import type { Mode } from "../protocol/handshakeFrames.ts"
import * as Initiator from "../protocol/handshakeInitiator.ts"
import * as Responder from "../protocol/handshakeResponder.ts"
import type { Decision } from "../protocol/decisions.ts"
import type { Identity } from "../protocol/identity.ts"
import { deriveKeys } from "../protocol/keys.ts"
import type { Connection } from "../Transport.ts"
import type { TransportError } from "../TransportError.ts"

/** The node's answer to an authentic peer. */
export interface Verdict {
  readonly decision: Decision
  readonly retryAfterMs: number
  readonly knownGeneration: number
}

/** How a handshake ended. `Open` is a link; `rest` are frames that came with the last one of the handshake. */
export type Handshake =
  | { readonly _tag: "Open"; readonly rest: ReadonlyArray<Uint8Array> }
  /** Refused by either side, after authentication. */
  | { readonly _tag: "Refused" }
  /** The other side refused without authentication. */
  | { readonly _tag: "Rejected"; readonly code: number; readonly retryAfterMs: number }
  /** This side ended it. */
  | { readonly _tag: "Failed"; readonly code: number; readonly reason: string }

const zeros = new Uint8Array(32)

/** The handshake's view of a stream: its mode and its channel binding. */
export const configFor = (
  cluster: string,
  keyring: ReadonlyArray<KeyringEntry>,
  connection: Connection
): HandshakeConfig => {
  const { proof } = connection
  switch (proof._tag) {
    case "Plain":
      return { cluster, keyring, mode: 0 as Mode, channelBinding: zeros }
    case "Psk":
      return { cluster, keyring, mode: 1 as Mode, channelBinding: proof.channelBinding }
    case "Mtls": {
      const keys = keyring.length > 0 ? keyring : [{ label: "", keys: deriveKeys(Redacted.value(proof.exporterKey)) }]
      return { cluster, keyring: keys, mode: 2 as Mode, channelBinding: proof.channelBinding }
    }
  }
}

/** One frame at a time from a connection that gives batches. */
const makeReader = (connection: Connection) => {
  let waiting: ReadonlyArray<Uint8Array> = []
  return {
    next: Effect.suspend((): Effect.Effect<Uint8Array, TransportError> => {
      const [frame, ...rest] = waiting
      if (frame !== undefined) {
        waiting = rest
        return Effect.succeed(frame)
      }
      return Effect.map(connection.receive, (frames: NonEmptyReadonlyArray<Uint8Array>) => {
        waiting = frames.slice(1)
        return frames[0]
      })
    }),
    rest: () => waiting
  }
}

/**
 * The side that dialed. `challenged` hears that the other side goes on, `judge` is asked once the peer is authentic, and
 * `refused` hears the peer's own refusal.
 */
export const initiate = Effect.fnUntraced(function* (options: {
  readonly connection: Connection
  readonly config: HandshakeConfig
  readonly identity: Identity
  readonly nonce: Uint8Array
  readonly challenged?: () => void
  readonly judge: (peer: Identity) => Effect.Effect<Verdict>
  readonly refused: (peer: Identity, code: number, retryAfterMs: number) => void
}): Effect.fn.Return<Handshake, TransportError> {
  const { config, connection, identity, nonce } = options
  const reader = makeReader(connection)
  const start = Initiator.start({ config, identity, nonce })
  let state: Initiator.InitiatorState = start.state
  yield* connection.send([start.frame])
  for (;;) {
    const step = Initiator.receive(state, yield* reader.next)
    switch (step._tag) {
      case "Send":
        state = step.state
        options.challenged?.()
        yield* connection.send([step.frame])
        break
      case "Welcomed": {
        const verdict = yield* options.judge(step.peer)
        yield* connection.send([Initiator.ready(step.state, verdict).frame])
        return verdict.decision === 0 ? { _tag: "Open", rest: reader.rest() } : { _tag: "Refused" }
      }
      case "Refused": {
        const { code, knownGeneration, peer, retryAfterMs } = step
        options.refused(knownGeneration === undefined ? peer : { ...peer, knownGeneration }, code, retryAfterMs)
        return { _tag: "Refused" }
      }
      case "Rejected":
        return step
      case "Failed":
        return { _tag: "Failed", code: step.code, reason: step.reason }
    }
  }
})

/**
 * The side that accepted. `progressed` hears of each message that made sense, `judge` is asked once the peer is authentic,
 * and `ready` hears the dialer's last word.
 */
export const respond = Effect.fnUntraced(function* (options: {
  readonly connection: Connection
  readonly config: HandshakeConfig
  readonly identity: () => Identity
  readonly nonce: Uint8Array
  readonly progressed: () => void
  readonly judge: (peer: Identity) => Effect.Effect<Verdict>
  readonly ready: (decision: number, knownGeneration: number) => void
}): Effect.fn.Return<Handshake, TransportError> {
  const { config, connection, nonce } = options
  const reader = makeReader(connection)
  let state: Responder.ResponderState = Responder.accept({ config, nonce })
  for (;;) {
    const step = Responder.receive(state, yield* reader.next)
    switch (step._tag) {
      case "Send":
        state = step.state
        options.progressed()
        yield* connection.send([step.frame])
        break
      case "Authenticated": {
        options.progressed()
        const { decision, knownGeneration, retryAfterMs } = yield* options.judge(step.peer)
        const welcome = Responder.welcome(step.state, {
          identity: options.identity(),
          decision,
          retryAfterMs,
          ...(knownGeneration > 0 && { knownGeneration })
        })
        state = welcome.state
        yield* connection.send([welcome.frame])
        if (decision !== 0) return { _tag: "Refused" }
        break
      }
      case "Ready":
        options.ready(0, 0)
        return { _tag: "Open", rest: reader.rest() }
      case "Refused":
        options.ready(step.code, step.knownGeneration ?? 0)
        return { _tag: "Refused" }
      case "Failed":
        if (step.reject !== undefined) yield* connection.send([step.reject])
        return { _tag: "Failed", code: step.code, reason: step.reason }
    }
  }
})
