import { TransportError, type TransportReason } from "@gc/core/Transport"

/** The name of this transport, in errors and metrics. @internal */
export const transportName = "ws"

/** The subprotocol that every request has to ask for. @internal */
export const subprotocol = "gc.1"

/** What WebSocket runs in: TLS is told so, for a server that serves other things too. @internal */
export const alpn = "http/1.1"

/**
 * Bytes of a message at most. A message is a piece of the stream of frames: it may carry many, and a long frame takes several, so that
 * nothing large is kept for a peer that is not authenticated, and each piece that arrives is a sign of life.
 *
 * @internal
 */
export const maxMessage = 16_384

/** @internal */
export const failure = (address: string, reason: TransportReason): TransportError =>
  new TransportError({ transport: transportName, address, reason })
