/**
 * What a transport says of itself to its conformance suite.
 *
 * @since 0.1.0
 */
import type { Address } from "@gc/core/Address"
import type { SecurityMode, Transport } from "@gc/core/Transport"
import type { NonEmptyReadonlyArray } from "effect/Array"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"

/**
 * A stream to a listener that goes around the transport: somebody who is not gc, or not well.
 *
 * @category models
 * @since 0.1.0
 */
export interface RawStream {
  readonly write: (bytes: Uint8Array) => Effect.Effect<void>
  /** Suspends until the listening side ended or reset the stream. */
  readonly ended: Effect.Effect<void>
}

/**
 * What a transport can do: it chooses the sections of the suite, and is the plug-in's manifest.
 *
 * @category models
 * @since 0.1.0
 */
export interface TransportCapabilities {
  /** The address protocols that `dial` takes and that listeners advertise. */
  readonly protocols: NonEmptyReadonlyArray<string>
  /** The modes of `LinkSecurity` that it does as configured. The suite runs once in each. */
  readonly modes: NonEmptyReadonlyArray<SecurityMode>
  /** Whether a dial to a port of this machine where nothing listens fails with `Refused`. */
  readonly refusal: boolean
  /** The `remoteHost` of a connection that this machine dialed, or `false` when there is none. */
  readonly remoteHost: string | false
  /** Bytes that one connection takes at most, in all buffers, while the other end does not read. Default: 16 MiB. */
  readonly buffered?: number | undefined
  /** How long something may take that should happen at once. Default: 5 seconds. */
  readonly patience?: Duration.Input | undefined
  /**
   * An address of this machine whose connections are taken, and where nobody ever says anything: what a dial waits for that is
   * interrupted.
   */
  readonly silent?: Effect.Effect<Address, unknown, Scope.Scope> | undefined
  /** The same transport with credentials of its own that nobody else accepts: for `mtls` mode. */
  readonly stranger?: Layer.Layer<Transport, unknown> | undefined
  /** Opens a stream around the transport, for half-open peers and for bytes that are no frames. */
  readonly raw?: ((address: Address) => Effect.Effect<RawStream, unknown, Scope.Scope>) | undefined
}

/**
 * The capabilities as text, for a plug-in's documentation.
 *
 * @category conversions
 * @since 0.1.0
 */
export const format = (capabilities: TransportCapabilities): string =>
  [
    `protocols ${capabilities.protocols.join(", ")}`,
    `security ${capabilities.modes.join(", ")}`,
    capabilities.refusal ? "tells a closed port" : "does not tell a closed port",
    capabilities.remoteHost === false ? "does not know the peer's host" : "knows the peer's host",
    `takes at most ${Math.ceil((capabilities.buffered ?? 16_777_216) / 1024)} KiB for a peer that does not read`
  ].join(" · ")
