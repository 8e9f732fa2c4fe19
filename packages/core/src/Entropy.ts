/**
 * Where instances, nonces and seeds come from.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import { randomBytes } from "node:crypto"

/**
 * A source of random bytes. The default is the operating system's; a deterministic one is for simulations only, because
 * whoever can guess a nonce can replay a handshake.
 *
 * @category references
 * @since 0.1.0
 */
export const Entropy: Context.Reference<{ readonly bytes: (length: number) => Uint8Array }> = Context.Reference(
  "@gc/core/Entropy",
  { defaultValue: () => ({ bytes: (length: number): Uint8Array => new Uint8Array(randomBytes(length)) }) }
)
