import type { StreamSettings } from "@gc/core/StreamOptions"
import { remoteOf, Wire } from "@gc/core/StreamTransport"
import type { LinkProof } from "@gc/core/Transport"
import type { Socket } from "node:net"
import { transportName } from "./names.ts"

/** @internal */
export const wireOver = (socket: Socket, protocol: string, proof: LinkProof, settings: StreamSettings): Wire =>
  new Wire(socket, remoteOf(transportName, protocol, socket), proof, settings.highWaterMark, true)
