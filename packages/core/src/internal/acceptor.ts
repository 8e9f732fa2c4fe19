import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { isLoopback } from "../protocol/addresses.ts"
import { codeName } from "../protocol/decisions.ts"
import { makesRoom, type Unproven } from "../protocol/pending.ts"
import type { Connection, Listener } from "../Transport.ts"
import { ConnectTimeout, TransportError } from "../TransportError.ts"
import { admitting } from "./admission.ts"
import type { Engine } from "./engine.ts"
import { configFor, type Handshake, respond } from "./handshaking.ts"
import type { Link } from "./link.ts"
import { handshakeTimeout, logEnd, runLink } from "./runLink.ts"

/** Unauthenticated connections at once (GC/1 section 2). */
const maxPending = 64

/** A connection that has not proved anything yet. */
class Pending implements Unproven {
  readonly host: string | undefined
  readonly link: Link
  progress = 0
  fiber: Fiber.Fiber<void> | undefined

  constructor(host: string | undefined, link: Link) {
    this.host = host
    this.link = link
  }

  get heardAt(): number {
    return this.link.heardAt
  }
}

/**
 * Takes connections as they come, each in its own fiber, with a bound on those that are not authenticated, whichever listener
 * they came through.
 */
export const makeAcceptor = (engine: Engine): ((listener: Listener) => Effect.Effect<never, TransportError>) => {
  const { fork } = engine.parts
  const pending = new Set<Pending>()
  const one = (listener: Listener) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const connection = yield* restore(Scope.provide(listener.accept, scope)).pipe(
          Effect.onError(() => Scope.close(scope, Exit.void))
        )
        const host = Option.getOrUndefined(connection.remoteHost)
        if (isCrowded(pending, host, engine.parts.maxPendingPerHost)) {
          engine.meter.add("connections_refused")
          fork(Scope.close(scope, Exit.void))
          return
        }
        if (pending.size >= maxPending) evict(engine, pending)
        const entry = new Pending(host, engine.links.make(connection))
        pending.add(entry)
        const served = serve(engine, entry, () => pending.delete(entry))
        entry.fiber = fork(
          Effect.ensuring(
            served,
            Effect.suspend(() => {
              pending.delete(entry)
              return Scope.close(scope, Exit.void)
            })
          )
        )
      })
    )
  return (listener) => Effect.forever(one(listener))
}

const isCrowded = (pending: ReadonlySet<Pending>, host: string | undefined, cap: number): boolean =>
  host !== undefined && !isLoopback(host) && [...pending].filter((each) => each.host === host).length >= cap

/** One of those that wait makes room, never the newcomer. */
const evict = (engine: Engine, pending: Set<Pending>): void => {
  for (const { link } of pending) link.observe(engine.now())
  const leaving = makesRoom(pending)
  if (leaving === undefined) return
  pending.delete(leaving)
  engine.meter.add("connections_evicted")
  if (leaving.fiber !== undefined) engine.parts.fork(Effect.asVoid(Fiber.interrupt(leaving.fiber)))
}

const serve = (engine: Engine, entry: Pending, authentic: () => void): Effect.Effect<void> => {
  const { link } = entry
  return handshakeOf(engine, entry).pipe(
    Effect.timeoutOrElse({
      duration: handshakeTimeout,
      orElse: () =>
        Effect.fail(
          new TransportError({
            transport: engine.parts.transport.name,
            address: link.connection.remote,
            reason: new ConnectTimeout({ millis: handshakeTimeout })
          })
        )
    }),
    Effect.onInterrupt(() => Effect.sync(() => engine.dropLink(link))),
    Effect.exit,
    Effect.flatMap((exit) => {
      authentic()
      if (Exit.isSuccess(exit) && exit.value._tag === "Open") return runLink(engine, link, exit.value.rest)
      return Effect.sync(() => {
        refused(engine, link, exit)
        engine.dropLink(link)
      })
    })
  )
}

const handshakeOf = (engine: Engine, entry: Pending): Effect.Effect<Handshake, TransportError> => {
  const { link } = entry
  return respond({
    connection: link.connection,
    config: configFor(engine.state.self.cluster, engine.parts.keyring, link.connection),
    identity: () => engine.identity(0, undefined),
    nonce: engine.parts.nonce(),
    progressed: () => {
      entry.progress++
    },
    judge: (peer) => {
      const judge = engine.judge({ _tag: "Authenticated", link: link.id, peer })
      return admitting(engine, link.connection, peer, judge, () => undefined)
    },
    ready: (decision, knownGeneration) => engine.dispatch({ _tag: "Ready", link: link.id, decision, knownGeneration })
  })
}

const refused = (engine: Engine, link: Link, exit: Exit.Exit<Handshake, TransportError>): void => {
  if (Exit.isFailure(exit)) {
    engine.meter.add("handshakes_broken")
    logEnd(engine, "a handshake broke", exit.cause, link)
    return
  }
  if (exit.value._tag !== "Failed") return
  const { code, reason } = exit.value
  engine.meter.add("handshakes_failed")
  engine.journal.warn(`in ${code} ${whence(link.connection)}`, `refused a connection: ${reason}`, {
    remote: link.connection.remote,
    reason: codeName(code) ?? code
  })
}

const whence = (connection: Connection): string => Option.getOrElse(connection.remoteHost, () => connection.remote)
