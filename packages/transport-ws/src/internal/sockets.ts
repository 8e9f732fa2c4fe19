import { remoteOf, Wire } from "@gc/core/StreamTransport"
import type { LinkProof } from "@gc/core/Transport"
import type { Socket } from "node:net"
import type { WebSocket } from "ws"
import { maxMessage, transportName } from "./names.ts"
import type { Settings } from "./settings.ts"
import { WebSocketStream } from "./webSocketStream.ts"

/** What both ends do with a WebSocket. `ws` bounds its own answers to pings, and cuts who sends them and does not read. @internal */
export const webSocketOptions = {
  perMessageDeflate: false,
  maxPayload: maxMessage,
  // A message in pieces is legal; one of thousands only costs memory.
  maxFragments: 128,
  maxBufferedChunks: 4096,
  // Milliseconds for the other end's answer to Close.
  closeTimeout: 1000,
  skipUTF8Validation: true
} as const

/** `masks`: this end dialed, so that what it sends is masked. @internal */
export const wireOver = (
  ws: WebSocket,
  socket: Socket,
  masks: boolean,
  protocol: string,
  proof: LinkProof,
  settings: Settings
): Wire =>
  new Wire(
    new WebSocketStream(ws, socket, masks),
    remoteOf(transportName, protocol, socket),
    proof,
    settings.highWaterMark,
    false
  )
