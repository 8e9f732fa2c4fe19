import * as Effect from "effect/Effect"
import type { Socket } from "node:net"
import type { Settings } from "./settings.ts"
import type { SocketOptions } from "./streams.ts"

/** @internal */
export const socketOptions = (settings: Settings): SocketOptions => ({
  noDelay: true,
  keepAlive: settings.keepAlive !== undefined,
  keepAliveInitialDelay: settings.keepAlive ?? 0
})

/** Destroys a socket and waits until its handle is gone. @internal */
export const destroy = (socket: Socket): Effect.Effect<void> =>
  Effect.callback((resume) => {
    if (socket.closed) return resume(Effect.void)
    socket.once("close", () => resume(Effect.void))
    socket.destroy()
  })
