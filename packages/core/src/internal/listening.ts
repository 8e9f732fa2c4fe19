import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as Address from "../Address.ts"
import type { LinkSecurity, Listener, Transport } from "../Transport.ts"
import type { TransportError } from "../TransportError.ts"
import { makeAcceptor } from "./acceptor.ts"
import { backoff } from "./backoff.ts"
import type { Engine } from "./engine.ts"
import { detailOf } from "./runLink.ts"

/** A listener that worked for so long begins the pauses anew when it breaks, in milliseconds. */
const healthyAfter = 30_000

/** A listener, and what closes it. */
export interface Listening {
  readonly listener: Listener
  readonly scope: Scope.Closeable
}

/** Opens a listener for as long as the scope is open, or until its own is closed. */
export const listen = (
  transport: Transport["Service"],
  security: LinkSecurity,
  scope: Scope.Scope
): Effect.Effect<Listening, TransportError> =>
  Effect.flatMap(Scope.fork(scope), (own) =>
    Scope.provide(transport.listen(security), own).pipe(
      Effect.map((listener) => ({ listener, scope: own })),
      Effect.onError(() => Scope.close(own, Exit.void))
    )
  )

/** Accepts until the listener breaks, and tells how it did. */
const broken = (accepting: Effect.Effect<void, TransportError>): Effect.Effect<string> =>
  Effect.as(accepting, "it ended").pipe(
    Effect.catchCause((cause) =>
      Cause.hasInterruptsOnly(cause) ? Effect.failCause(cause as Cause.Cause<never>) : Effect.succeed(detailOf(cause))
    )
  )

/**
 * Accepts connections for as long as the cluster is open. A listener that breaks is closed and opened again until it works;
 * the links that came through it stay. `opened` hears of each new one.
 */
export const keepListening = Effect.fnUntraced(function* (
  engine: Engine,
  first: Listening,
  open: Effect.Effect<Listening, TransportError>,
  opened: (listener: Listener) => void
): Effect.fn.Return<never> {
  const { journal, meter } = engine
  const accept = makeAcceptor(engine)
  let pauses = yield* Schedule.toStepWithSleep(backoff)
  const pause = Effect.suspend(() => Effect.ignore(pauses(undefined)))
  let { listener, scope } = first
  for (;;) {
    const since = engine.now()
    const detail = yield* broken(accept(listener))
    meter.add("listener_broken")
    const text = "nobody can dial this node until it is open again, which is tried from now on; links stay"
    journal.log("Error", `the listener broke: ${detail}; ${text}`, {})
    yield* Scope.close(scope, Exit.void)
    if (engine.now() - since >= healthyAfter) pauses = yield* Schedule.toStepWithSleep(backoff)
    const again = Effect.andThen(pause, Effect.catchDefect(open, Effect.fail)).pipe(
      Effect.tapError((error) =>
        Effect.sync(() => journal.log("Debug", "cannot listen yet", { detail: detailOf(Cause.fail(error)) }))
      )
    )
    ;({ listener, scope } = yield* Effect.eventually(again))
    opened(listener)
    journal.log("Info", "listening again", { addresses: listener.addresses.map(Address.format).join(" ") })
  }
})
