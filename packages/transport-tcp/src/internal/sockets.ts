import * as Effect from "effect/Effect"
import type { Socket } from "node:net"
import type { ServerOptions } from "./security.ts"
import type { Settings } from "./settings.ts"

/** @internal */
export const socketOptions = (settings: Settings): ServerOptions => ({
  // The outbox has to be flushed before a stream is ended, so Node must not end it at the peer's FIN.
  allowHalfOpen: true,
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
