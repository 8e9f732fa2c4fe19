import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Address from "../Address.ts"
import type { NodeName } from "../NodeName.ts"
import { isLoopback } from "../protocol/addresses.ts"
import { codeName } from "../protocol/decisions.ts"
import type { DialFailure, Output } from "../protocol/node.ts"
import type { Connection, Listener } from "../Transport.ts"
import { ConnectTimeout, TransportError } from "../TransportError.ts"
import type { Engine } from "./engine.ts"
import { configFor, type Handshake, initiate, respond } from "./handshaking.ts"
import type { Link } from "./link.ts"

/** For connection and handshake together, on either side (GC/1 section 2). */
const handshakeTimeout = 5_000

/** Unauthenticated connections at once, and of them from one host beyond loopback (GC/1 section 2). */
const maxPending = 64
const maxPendingPerHost = 8

type DialOutput = Extract<Output, { readonly _tag: "Dial" }>

const late = (transport: string, address: string): TransportError =>
  new TransportError({ transport, address, reason: new ConnectTimeout({ millis: handshakeTimeout }) })

const failureOf = (cause: Cause.Cause<unknown>): { readonly failure: DialFailure; readonly detail: string } => {
  const error = Cause.squash(cause)
  const refused = error instanceof TransportError && error.reason._tag === "Refused"
  return { failure: refused ? "refused" : "failed", detail: error instanceof Error ? error.message : String(error) }
}

/** One dial, and the link that may come of it, to its end. */
export const dial = (engine: Engine, output: DialOutput): Effect.Effect<void> =>
  Effect.scoped(
    Effect.gen(function* () {
      yield* Effect.yieldNow
      const opened = yield* Effect.exit(
        Effect.timeoutOrElse(open(engine, output), {
          duration: handshakeTimeout,
          orElse: () => Effect.fail(late(engine.parts.transport.name, output.address ?? output.name ?? ""))
        })
      )
      if (Exit.isFailure(opened)) {
        const { detail, failure } = failureOf(opened.cause)
        engine.log("Debug", `dial failed: ${detail}`, { peer: output.name ?? output.address ?? "" })
        engine.dispatch({ _tag: "DialFailed", dial: output.dial, failure })
        return
      }
      const { handshake, link } = opened.value
      if (handshake._tag === "Open") return yield* run(engine, link, handshake.rest)
      dialRefused(engine, output, handshake)
      engine.dropLink(link)
    })
  ).pipe(
    Effect.onInterrupt(() =>
      Effect.sync(() => engine.dispatch({ _tag: "DialFailed", dial: output.dial, failure: "failed" }))
    )
  )

const dialRefused = (engine: Engine, output: DialOutput, handshake: Handshake): void => {
  if (handshake._tag !== "Rejected" && handshake._tag !== "Failed") return
  const { code } = handshake
  engine.meter.add("handshakes_failed")
  engine.warnOnce(`${code} ${output.address ?? output.name ?? ""}`, explain(code), {
    address: output.address ?? output.name ?? "",
    reason: codeName(code) ?? code,
    ...(handshake._tag === "Failed" && { detail: handshake.reason })
  })
  const retryAfterMs = handshake._tag === "Rejected" ? handshake.retryAfterMs : 0
  engine.dispatch({ _tag: "DialRejected", dial: output.dial, code, retryAfterMs })
}

const explain = (code: number): string => {
  switch (codeName(code)) {
    case "auth_failed":
      return "a peer does not share this node's cookie, or its security mode: compare both on the two nodes"
    case "cluster_mismatch":
      return "a peer belongs to another cluster: discovery found an address that is not of this cluster"
    case "version_unsupported":
      return "a peer speaks another version of the protocol: upgrade the older one"
    case "busy":
      return "a peer has too many handshakes under way"
    default:
      return "a peer does not speak gc's protocol: is the address right?"
  }
}

const open = Effect.fnUntraced(function* (engine: Engine, output: DialOutput) {
  const connection = yield* connect(engine, output)
  const link = engine.makeLink(connection)
  const abandon = Effect.sync(() => engine.dropLink(link))
  const handshake = yield* initiate({
    connection,
    config: configFor(engine.state.self.cluster, engine.parts.keyring, connection),
    identity: engine.identity(output.attempt, output.name),
    nonce: engine.parts.nonce(),
    judge: (peer) =>
      engine.judge({ _tag: "Welcomed", dial: output.dial, link: link.id, peer, decision: 0, retryAfterMs: 0 }),
    refused: (peer, decision, retryAfterMs) =>
      engine.dispatch({ _tag: "Welcomed", dial: output.dial, link: link.id, peer, decision, retryAfterMs })
  }).pipe(Effect.onError(() => abandon))
  return { link, handshake }
})

const connect = Effect.fnUntraced(function* (engine: Engine, output: DialOutput) {
  const { resolver, security, transport } = engine.parts
  const addresses =
    output.address === undefined
      ? yield* resolver.resolve(output.name as NodeName, transport.protocols)
      : [Address.parseUnsafe(output.address)]
  let last: TransportError | undefined
  for (const address of addresses) {
    const exit = yield* Effect.exit(transport.dial(address, security))
    if (Exit.isSuccess(exit)) return exit.value
    const error = Cause.findErrorOption(exit.cause)
    if (Option.isNone(error)) return yield* exit
    last = error.value
  }
  return yield* last ?? late(transport.name, output.name ?? "")
})

/** Runs a link until it is over. */
const run = (engine: Engine, link: Link, rest: ReadonlyArray<Uint8Array>): Effect.Effect<void> => {
  const grace = Effect.sleep("1 second")
  const closing = Effect.callback<void>((resume) => {
    link.onClosing = () => resume(grace)
  })
  const writer = Effect.catchCause(link.writer, (cause) =>
    Cause.hasInterruptsOnly(cause) ? Effect.failCause(cause) : grace
  )
  return Effect.raceAllFirst([link.reader(rest), writer, closing]).pipe(
    Effect.catchCause((cause) =>
      Effect.sync(() => {
        if (Cause.hasInterruptsOnly(cause)) return
        engine.log("Debug", `link ended: ${failureOf(cause).detail}`, {
          peer: link.name,
          remote: link.connection.remote
        })
      })
    ),
    Effect.ensuring(Effect.sync(() => engine.dropLink(link)))
  )
}

/** A connection that has not proved anything yet. */
interface Pending {
  readonly host: string | undefined
  readonly link: Link
  fiber: Fiber.Fiber<void> | undefined
}

/** Takes connections as they come, each in its own fiber, with a bound on those that are not authenticated. */
export const acceptLoop = (
  engine: Engine,
  listener: Listener,
  fork: (effect: Effect.Effect<void>) => Fiber.Fiber<void>
): Effect.Effect<void, TransportError> => {
  const pending = new Set<Pending>()
  const one = Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const connection = yield* restore(Scope.provide(listener.accept, scope)).pipe(
        Effect.onError(() => Scope.close(scope, Exit.void))
      )
      const host = Option.getOrUndefined(connection.remoteHost)
      const crowded =
        host !== undefined &&
        !isLoopback(host) &&
        [...pending].filter((each) => each.host === host).length >= maxPendingPerHost
      if (crowded) {
        engine.meter.add("connections_refused")
        fork(Scope.close(scope, Exit.void))
        return
      }
      if (pending.size >= maxPending) evict(engine, pending)
      const link = engine.makeLink(connection)
      const entry: Pending = { host, link, fiber: undefined }
      pending.add(entry)
      entry.fiber = fork(
        serve(engine, link, () => pending.delete(entry)).pipe(
          Effect.ensuring(
            Effect.suspend(() => {
              pending.delete(entry)
              return Scope.close(scope, Exit.void)
            })
          )
        )
      )
    })
  )
  return Effect.forever(one)
}

/** The one that has been silent longest makes room, never the newcomer. */
const evict = (engine: Engine, pending: Set<Pending>): void => {
  for (const { link } of pending) link.observe(engine.now())
  const [first] = [...pending].toSorted((a, b) => a.link.heardAt - b.link.heardAt)
  if (first === undefined) return
  pending.delete(first)
  engine.meter.add("connections_evicted")
  if (first.fiber !== undefined) engine.parts.fork(Effect.asVoid(Fiber.interrupt(first.fiber)))
}

const serve = (engine: Engine, link: Link, authentic: () => void): Effect.Effect<void> =>
  Effect.andThen(Effect.yieldNow, handshakeOf(engine, link)).pipe(
    Effect.timeoutOrElse({
      duration: handshakeTimeout,
      orElse: () => Effect.fail(late(engine.parts.transport.name, link.connection.remote))
    }),
    Effect.onInterrupt(() => Effect.sync(() => engine.dropLink(link))),
    Effect.exit,
    Effect.flatMap((exit) => {
      authentic()
      if (Exit.isSuccess(exit) && exit.value._tag === "Open") return run(engine, link, exit.value.rest)
      return Effect.sync(() => {
        refusedInbound(engine, link.connection, exit)
        engine.dropLink(link)
      })
    })
  )

const handshakeOf = (engine: Engine, link: Link): Effect.Effect<Handshake, TransportError> =>
  respond({
    connection: link.connection,
    config: configFor(engine.state.self.cluster, engine.parts.keyring, link.connection),
    identity: () => engine.identity(0, undefined),
    nonce: engine.parts.nonce(),
    judge: (peer) => engine.judge({ _tag: "Authenticated", link: link.id, peer }),
    ready: (decision, knownGeneration) => engine.dispatch({ _tag: "Ready", link: link.id, decision, knownGeneration })
  })

const refusedInbound = (engine: Engine, connection: Connection, exit: Exit.Exit<Handshake, TransportError>): void => {
  if (Exit.isSuccess(exit)) {
    if (exit.value._tag !== "Failed") return
    engine.meter.add("handshakes_failed")
    engine.warnOnce(
      `in ${exit.value.code} ${Option.getOrElse(connection.remoteHost, () => connection.remote)}`,
      `refused a connection: ${exit.value.reason}`,
      { remote: connection.remote, reason: codeName(exit.value.code) ?? exit.value.code }
    )
    return
  }
  engine.meter.add("handshakes_broken")
  engine.log("Debug", `a handshake broke: ${failureOf(exit.cause).detail}`, { remote: connection.remote })
}
