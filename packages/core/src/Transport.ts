/**
 * How a node reaches an address: the service that every transport package implements.
 *
 * A transport knows nothing of clusters, cookies or members. It moves frames, tells what the stream under a connection
 * proves about the other end, and leaves the judgement to core.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Address from "./Address.ts"
import { mergeTransports } from "./internal/mergeTransports.ts"
import { TransportError, PlaintextRefused } from "./TransportError.ts"

export * from "./TransportError.ts"

/**
 * The three kinds of stream under the handshake (GC/1 section 3).
 *
 * @category models
 * @since 0.1.0
 */
export type SecurityMode = "plain" | "psk" | "mtls"

/**
 * A TLS 1.3 pre-shared key: `identity` is public, `key` is 32 bytes.
 *
 * @category models
 * @since 0.1.0
 */
export interface Psk {
  readonly identity: string
  readonly key: Redacted.Redacted<Uint8Array>
}

/**
 * What the cluster wants of every stream, handed to `listen` and `dial`.
 *
 * **Details**
 *
 * - `mode` is what the cluster wants; a transport's own `security` option wins over it.
 * - `psks` are derived from the cookies by core: dial with the first, accept any. Empty without a cookie.
 * - `allowPlaintext` permits `plain` beyond loopback.
 *
 * @category models
 * @since 0.1.0
 */
export interface LinkSecurity {
  readonly mode: SecurityMode
  readonly psks: ReadonlyArray<Psk>
  readonly allowPlaintext: boolean
}

/**
 * What a connection can prove about the other end. Core judges it.
 *
 * **Details**
 *
 * - `channelBinding` is the TLS exporter `EXPORTER-Channel-Binding` with an empty context, 32 bytes (RFC 9266).
 * - `Mtls.names` are the subject alternative names of the verified peer certificate: `dns` and `ip` as in the
 *   certificate, `uri` whole.
 * - `Mtls.exporterKey` is the TLS exporter `EXPORTER-gch1-key` with an empty context, 32 bytes.
 * - A stream that ends in somebody else's TLS (a proxy) is `Plain`.
 *
 * @category models
 * @since 0.1.0
 */
export type LinkProof =
  | { readonly _tag: "Plain" }
  | { readonly _tag: "Psk"; readonly identity: string; readonly channelBinding: Uint8Array }
  | {
      readonly _tag: "Mtls"
      readonly names: {
        readonly dns: ReadonlyArray<string>
        readonly ip: ReadonlyArray<string>
        readonly uri: ReadonlyArray<string>
      }
      readonly channelBinding: Uint8Array
      readonly exporterKey: Redacted.Redacted<Uint8Array>
    }

/**
 * Frames to send: `type u8 | body` without the length prefix, never empty. One frame in one piece, or a head and one or more
 * bodies: each body is a frame of its own behind the same head. Their bytes must never change once they were handed to `send`: a
 * transport writes large ones where they lie.
 *
 * @category models
 * @since 0.1.0
 */
export type OutboundFrame = Uint8Array | readonly [head: Uint8Array, ...bodies: NonEmptyReadonlyArray<Uint8Array>]

/**
 * The frames of an `OutboundFrame`, each as the pieces that are written one behind the other.
 *
 * @category conversions
 * @since 0.1.0
 */
export const piecesOf = (frame: OutboundFrame): ReadonlyArray<ReadonlyArray<Uint8Array>> => {
  if (frame instanceof Uint8Array) return [[frame]]
  const [head, ...bodies] = frame
  return bodies.map((body) => [head, body])
}

/**
 * A live stream of whole frames, in order, in batches both ways. It lives as long as the scope it was made in.
 *
 * **Details**
 *
 * - On the wire a frame is `length u32 | type u8 | body`; here it is `type u8 | body`, and the transport owns the prefix.
 * - `receive` suspends until at least one frame is whole and gives all that are. A frame whose declared length is zero
 *   fails with `FrameMalformed`; one above the limit fails with `FrameTooLarge` before any of its body is kept. The limit
 *   is looked at anew in each `receive`, and frames in front of the offending one are given first. Interrupting
 *   `receive` loses nothing; a second `receive` while one is waiting fails with `ConcurrentReceive`.
 * - `send` suspends while the peer does not read, so that memory stays bounded. When it is interrupted the batch was
 *   accepted whole or not at all. After the end it fails with `Closed`.
 * - Closing the scope flushes what `send` accepted, and ends in at most one second whatever the peer does.
 *
 * @category models
 * @since 0.1.0
 */
export interface Connection {
  /** Printable, for logs: `tcp://127.0.0.1:52114`. */
  readonly remote: string
  /** The host at the other end, where there is one: limits per host are counted on it. */
  readonly remoteHost: Option.Option<string>
  readonly proof: LinkProof
  readonly receive: Effect.Effect<NonEmptyReadonlyArray<Uint8Array>, TransportError>
  readonly send: (batch: NonEmptyReadonlyArray<OutboundFrame>) => Effect.Effect<void, TransportError>
  /** Bytes that have arrived so far, whole frames or not: any byte is a sign of life. */
  readonly bytesReceived: () => number
  /** Sets the largest accepted frame (`type` and `body`, in bytes). It is 4096 at first. */
  readonly limitFrames: (bytes: number) => void
}

/**
 * An open listener: the addresses to advertise, with real ports and never an unspecified host, and the connections.
 *
 * **Details**
 *
 * `accept` is pulled; the caller's scope owns the connection. A connection that failed before it was whole (a TLS
 * handshake that broke, say) is not an element: it is counted by the transport, and `accept` goes on waiting. `accept`
 * fails only when the listener itself is broken, and with `Closed` when its scope closes. An accepted connection outlives its
 * listener; one that nobody accepted ends with it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Listener {
  readonly addresses: ReadonlyArray<Address.Address>
  readonly accept: Effect.Effect<Connection, TransportError, Scope.Scope>
}

/**
 * How a node reaches an address.
 *
 * **Details**
 *
 * - `protocols` are the address protocols that `dial` takes: `"tcp"`, `"tls"`, `"ws"`, `"wss"`, `"memory"`.
 * - `dial` can be interrupted at any time and leaves no handle behind.
 *
 * @category services
 * @since 0.1.0
 */
export class Transport extends Context.Service<
  Transport,
  {
    readonly name: string
    readonly protocols: ReadonlyArray<string>
    readonly listen: (security: LinkSecurity) => Effect.Effect<Listener, TransportError, Scope.Scope>
    readonly dial: (
      address: Address.Address,
      security: LinkSecurity
    ) => Effect.Effect<Connection, TransportError, Scope.Scope>
  }
>()("@gc/core/Transport") {}

/**
 * Refuses an unencrypted stream beyond loopback unless `allowPlaintext` was said aloud (GC/1 section 3).
 * Every transport calls it before it listens or dials in plain mode.
 *
 * @category combinators
 * @since 0.1.0
 */
export const checkPlaintext = (
  transport: string,
  address: Address.Address,
  security: LinkSecurity
): Effect.Effect<void, TransportError> =>
  security.allowPlaintext || Address.isLoopback(address)
    ? Effect.void
    : Effect.fail(new TransportError({ transport, address: Address.format(address), reason: new PlaintextRefused({}) }))

/**
 * One transport with the listeners of all; `dial` picks the first that knows the address's protocol.
 *
 * **Details**
 *
 * `listen` opens all or none. `accept` takes from whichever has a connection first.
 *
 * @category combinators
 * @since 0.1.0
 */
export const merge = (...transports: NonEmptyReadonlyArray<Transport["Service"]>): Transport["Service"] =>
  mergeTransports(transports)

/**
 * `merge` on layers.
 *
 * **Gotchas**
 *
 * Two layers of one service given to `Layer.mergeAll` silently replace each other. This one keeps them all.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMerge = <const Layers extends NonEmptyReadonlyArray<Layer.Layer<Transport, unknown, unknown>>>(
  ...layers: Layers
): Layer.Layer<Transport, Layer.Error<Layers[number]>, Layer.Services<Layers[number]>> =>
  Layer.effect(
    Transport,
    Effect.map(
      Effect.forEach(layers as ReadonlyArray<Layer.Layer<Transport, unknown, unknown>>, (layer) => Layer.build(layer)),
      (contexts) => mergeTransports(contexts.map((context) => Context.get(context, Transport)))
    )
  ) as Layer.Layer<Transport, Layer.Error<Layers[number]>, Layer.Services<Layers[number]>>
