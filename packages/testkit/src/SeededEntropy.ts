/**
 * Deterministic instances, nonces and seeds, for simulations that must run the same way twice.
 *
 * @since 0.1.0
 */
import * as Layer from "effect/Layer"
import { Entropy } from "@gc/core/Entropy"
import { seededIntegers } from "./internal/seededRandom.ts"

/**
 * A source of bytes for core's `Entropy`: the same seed gives the same bytes. Give each node a seed of its own: two nodes
 * with one seed would have one instance.
 *
 * **Gotchas**
 *
 * Whoever knows the seed knows every nonce: never outside a test.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (seed: string | number): { readonly bytes: (length: number) => Uint8Array } => {
  const next = seededIntegers(seed)
  return { bytes: (length) => Uint8Array.from({ length }, () => next() & 0xff) }
}

/**
 * `make` in the place of core's `Entropy`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (seed: string | number): Layer.Layer<never> => Layer.sync(Entropy, () => make(seed))
