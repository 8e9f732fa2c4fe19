import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Connection, TransportReason } from "../../Transport.ts"
import { ConnectTimeout } from "../../TransportError.ts"
import type { Wire } from "./wire.ts"

/** What a dial asks of its socket, which may not be connected yet. @category models @since 0.1.0 */
export interface DialedSocket {
  readonly connecting: boolean
  readonly closed: boolean
  once(event: "close", listener: () => void): unknown
  destroy(): unknown
}

const within = <A>(
  timeout: Duration.Duration,
  socket: DialedSocket,
  effect: Effect.Effect<A, TransportReason>
): Effect.Effect<A, TransportReason> =>
  Effect.timeoutOrElse(effect, {
    duration: timeout,
    orElse: () => Effect.fail(new ConnectTimeout({ millis: Duration.toMillis(timeout), taken: !socket.connecting }))
  })

/** Destroys a socket and waits until its handle is gone. */
const destroy = (socket: DialedSocket): Effect.Effect<void> =>
  Effect.callback((resume) => {
    if (socket.closed) return resume(Effect.void)
    socket.once("close", () => resume(Effect.void))
    socket.destroy()
  })

/**
 * A connection that lives as long as the scope: `connect` makes its socket, and `opened` waits until it is whole, for `timeout` at most.
 * A dial that fails or is interrupted leaves no socket open.
 *
 * @category constructors
 * @since 0.1.0
 */
export const dialed = <S extends DialedSocket>(
  connect: () => S,
  timeout: Duration.Duration,
  opened: (socket: S) => Effect.Effect<Wire, TransportReason>
): Effect.Effect<Connection, TransportReason, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const socket = connect()
      const wire = yield* restore(within(timeout, socket, opened(socket))).pipe(Effect.onError(() => destroy(socket)))
      yield* Effect.addFinalizer(() => wire.close)
      return wire.connection
    })
  )
