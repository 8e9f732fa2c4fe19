import { TransportError, type TransportReason } from "@gc/core/Transport"

/** The name of this transport, in errors and metrics. @internal */
export const transportName = "tcp"

/** @internal */
export const failure = (address: string, reason: TransportReason): TransportError =>
  new TransportError({ transport: transportName, address, reason })
