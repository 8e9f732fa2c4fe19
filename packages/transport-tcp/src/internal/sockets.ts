import type { StreamSettings } from "@gc/core/StreamOptions"
import { remoteOf, Wire } from "@gc/core/StreamTransport"
import type { LinkProof } from "@gc/core/Transport"
import * as Effect from "effect/Effect"
import type { Socket } from "node:net"
import { transportName } from "./names.ts"
import type { SocketOptions } from "./streams.ts"

/** @internal */
export const socketOptions = (settings: StreamSettings): SocketOptions => ({
  noDelay: true,
  keepAlive: settings.keepAlive !== undefined,
  keepAliveInitialDelay: settings.keepAlive ?? 0
})

/** @internal */
export const wireOver = (socket: Socket, protocol: string, proof: LinkProof, settings: StreamSettings): Wire =>
  new Wire(socket, remoteOf(transportName, protocol, socket), proof, settings.highWaterMark, true)

/** Destroys a socket and waits until its handle is gone. @internal */
export const destroy = (socket: Socket): Effect.Effect<void> =>
  Effect.callback((resume) => {
    if (socket.closed) return resume(Effect.void)
    socket.once("close", () => resume(Effect.void))
    socket.destroy()
  })
