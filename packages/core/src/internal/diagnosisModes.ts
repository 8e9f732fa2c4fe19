import * as Effect from "effect/Effect"
import type * as Address from "../Address.ts"
import { codes } from "../protocol/decisions.ts"
import * as Initiator from "../protocol/handshakeInitiator.ts"
import { deriveKeys } from "../protocol/keys.ts"
import type { Connection, SecurityMode } from "../Transport.ts"
import type { Caller } from "./caller.ts"
import { configFor } from "./handshaking.ts"

/** Somebody who speaks another mode answers soon, or not at all. */
const timeout = "2 seconds"

/** The protocol of the same place without TLS. */
const bare: Readonly<Record<string, string>> = { tls: "tcp", wss: "ws" }

/**
 * Whether the node at an address has another security than the caller: found out by a HELLO, which holds no secret. Nothing
 * that the caller's cookie made goes over a stream in a mode that is not its own, but a binder of TLS.
 */
export const otherMode = (caller: Caller, address: Address.Address): Effect.Effect<SecurityMode | undefined> => {
  const { psks, mode } = caller.security
  if (mode !== "plain") {
    const place = { ...address, protocol: bare[address.protocol] ?? address.protocol }
    return speaks(caller, place, "plain")
  }
  return psks.length === 0 ? Effect.succeed(undefined) : speaks(caller, address, "psk")
}

const proofs = { plain: "Plain", psk: "Psk", mtls: "Mtls" } as const

const speaks = (caller: Caller, address: Address.Address, mode: SecurityMode) =>
  Effect.gen(function* () {
    const { psks } = caller.security
    const connection = yield* caller.transport.dial(address, { mode, psks, allowPlaintext: true })
    if (connection.proof._tag !== proofs[mode]) return undefined
    return (yield* greets(caller, connection)) ? mode : undefined
  }).pipe(
    Effect.scoped,
    Effect.timeoutOrElse({ duration: timeout, orElse: () => Effect.succeed(undefined) }),
    Effect.catch((error) => Effect.succeed(mode === "psk" && isCertificate(error) ? ("mtls" as const) : undefined))
  )

const isCertificate = (error: unknown): boolean => error instanceof Error && /shows a certificate/.test(error.message)

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
