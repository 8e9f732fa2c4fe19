import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Address from "../Address.ts"
import type { NameResolver } from "../NameResolver.ts"
import type { NodeName } from "../NodeName.ts"
import type { KeyringEntry } from "../protocol/handshake.ts"
import type { Identity } from "../protocol/identity.ts"
import type { LinkSecurity, Transport } from "../Transport.ts"
import { ConnectTimeout, HostUnknown, TransportError } from "../TransportError.ts"
import { handshakeTimeout } from "./runLink.ts"

/** Who dials: a node or an observer, with what it takes to prove itself. */
export interface Caller {
  readonly cluster: string
  readonly keyring: ReadonlyArray<KeyringEntry>
  readonly security: LinkSecurity
  readonly transport: Transport["Service"]
  readonly resolver: NameResolver
  readonly nonce: () => Uint8Array
  /** How it introduces itself. */
  readonly identity: (attempt: number, dialed: string | undefined) => Identity
}

/** Where to dial: an address, or whatever the name resolves to. */
export interface Place {
  readonly address: string | undefined
  readonly name: string | undefined
}

/** A place for logs and errors. */
export const placeOf = ({ address, name }: Place): string => address ?? name ?? ""

/** The least that one address of a name gets of the time for all, in milliseconds. */
const minConnectTime = 500

export const dialFailure = (caller: Caller, place: Place, reason: TransportError["reason"]): TransportError =>
  new TransportError({ transport: caller.transport.name, address: placeOf(place), reason })

/** The first address that takes a connection. Each has its share of the time, so that a silent one leaves some for the next. */
export const connect = Effect.fnUntraced(function* (caller: Caller, place: Place) {
  const { resolver, security, transport } = caller
  const addresses =
    place.address === undefined
      ? yield* resolver.resolve(place.name as NodeName, transport.protocols)
      : [Address.parseUnsafe(place.address)]
  const [only] = addresses
  // The caller keeps the time for all.
  if (only !== undefined && addresses.length === 1) return yield* transport.dial(only, security)
  const share = Math.max(minConnectTime, handshakeTimeout / addresses.length)
  let last = dialFailure(caller, place, new HostUnknown({ code: "no address" }))
  for (const address of addresses) {
    const exit = yield* Effect.exit(
      Effect.timeoutOrElse(transport.dial(address, security), {
        duration: share,
        orElse: () => Effect.fail(dialFailure(caller, place, new ConnectTimeout({ millis: share })))
      })
    )
    if (Exit.isSuccess(exit)) return exit.value
    const error = Cause.findErrorOption(exit.cause)
    if (Option.isNone(error)) return yield* exit
    last = error.value
  }
  return yield* last
})
