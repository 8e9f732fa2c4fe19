import * as Effect from "effect/Effect"
import type * as Address from "../Address.ts"
import { codes } from "../protocol/decisions.ts"
import * as Initiator from "../protocol/handshakeInitiator.ts"
import { deriveKeys } from "../protocol/keys.ts"
import type { Connection, SecurityMode } from "../Transport.ts"
import type { TransportError } from "../TransportError.ts"
import type { Caller } from "./caller.ts"
import { spokenBy } from "./diagnosisSteps.ts"
import { explicitly } from "./explicitMode.ts"
import { configFor } from "./handshaking.ts"

/** Somebody who speaks another mode answers soon, or not at all. */
const timeout = "2 seconds"

/** What a second look in another mode shows. */
export interface SecondLook {
  /** A stream came about. */
  readonly connected: boolean
  /** A gc node answered, of this security. */
  readonly mode?: SecurityMode
  /** Somebody else answered: what was heard. */
  readonly spoken?: string | undefined
}

/** The protocol of the same place without TLS. */
const bare: Readonly<Record<string, string>> = { tls: "tcp", wss: "ws" }

/**
 * Who is at an address where a caller's own mode came to nothing. It is asked by a HELLO, which holds no secret: nothing that
 * the cookie made goes over a stream of another mode, but for TLS's own proof that a key is known.
 */
export const secondLook = (caller: Caller, address: Address.Address): Effect.Effect<SecondLook> => {
  const { mode, psks } = caller.security
  if (mode === "plain") return psks.length === 0 ? Effect.succeed(nothing) : look(caller, address, "psk")
  return look(caller, { ...address, protocol: bare[address.protocol] ?? address.protocol }, "plain")
}

const nothing: SecondLook = { connected: false }

const proofs = { plain: "Plain", psk: "Psk", mtls: "Mtls" } as const

const look = (caller: Caller, address: Address.Address, mode: SecurityMode): Effect.Effect<SecondLook> => {
  let connected = false
  return Effect.gen(function* () {
    const security = explicitly({ ...caller.security, allowPlaintext: true }, mode)
    const connection = yield* caller.transport.dial(address, security)
    if (connection.proof._tag !== proofs[mode]) return nothing
    connected = true
    return (yield* greets(caller, connection)) ? { connected, mode } : { connected }
  }).pipe(
    Effect.scoped,
    Effect.catch((error) => Effect.succeed(heardIn(error, mode, connected))),
    Effect.timeoutOrElse({ duration: timeout, orElse: () => Effect.succeed({ connected }) })
  )
}

const heardIn = (error: TransportError, mode: SecurityMode, connected: boolean): SecondLook => {
  const { reason } = error
  if (reason._tag === "FrameTooLarge") return { connected, spoken: spokenBy(reason.declared) }
  if (reason._tag !== "SecurityFailed" || mode !== "psk") return { connected }
  if (reason.detail.includes("shows a certificate")) return { connected: true, mode: "mtls" }
  // Who finds the proof wrong knows the key's identity: a node of this cluster with another cookie.
  return /ALERT_(DECRYPT_ERROR|ILLEGAL_PARAMETER)/.test(reason.detail)
    ? { connected: true, mode: "psk" }
    : { connected }
}

/** Whether somebody answers a HELLO as gc does. AUTH, which the cookie seals, is never sent. */
const greets = Effect.fnUntraced(function* (caller: Caller, connection: Connection) {
  const label = caller.keyring[0]?.label ?? "k0"
  const keyring = [{ label, keys: deriveKeys(caller.nonce()) }]
  const { frame, state } = Initiator.start({
    config: configFor(caller.cluster, keyring, connection),
    identity: caller.identity(0, undefined),
    nonce: caller.nonce()
  })
  yield* connection.send([frame])
  const [answer] = yield* connection.receive
  const step = Initiator.receive(state, answer)
  return step._tag === "Send" || (step._tag === "Rejected" && step.code !== codes.malformed)
})
