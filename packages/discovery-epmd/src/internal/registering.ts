import type { LocalNode } from "@gc/core/LocalNode"
import * as NodeName from "@gc/core/NodeName"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import * as Random from "effect/Random"
import * as Scope from "effect/Scope"
import * as Client from "../Client.ts"
import * as Daemon from "../Daemon.ts"
import { type Announced, announce, format } from "./extra.ts"
import * as metrics from "./metrics.ts"
import { monotonicMillis } from "./monotonic.ts"
import type { Settings } from "./settings.ts"

/** How this node is known to the epmd of its host. */
export interface Registering {
  /** Whether the epmd may be a new one, where others are not registered again yet. */
  readonly unsettled: Effect.Effect<boolean>
}

/** Registrations are local, as Erlang's are. */
const host = "127.0.0.1"

/** As long as others may need to register anew, in milliseconds. */
const settling = 5_000

/** The pauses between attempts, doubled from the first to the last, in milliseconds. */
const pauses = { first: 100, last: 2_000 }

const watchEvery = Duration.seconds(1)

interface State {
  readonly settings: Settings
  readonly self: LocalNode
  readonly tag: string
  /** The daemon's, which outlives a registration. */
  readonly scope: Scope.Scope
  readonly tried: Deferred.Deferred<void>
  failures: number
  /** When the registration after a lost one was made; while there is none yet, it is in the future. */
  renewedAt: number
  /** The trouble that was logged. */
  said: string
}

/** Keeps this node registered until the scope closes. `tried` is done when the first attempt has ended, for better or worse. */
export const keepRegistered = Effect.fnUntraced(function* (
  settings: Settings,
  self: LocalNode,
  tag: string,
  tried: Deferred.Deferred<void>
) {
  const state: State = {
    settings,
    self,
    tag,
    scope: yield* Effect.scope,
    tried,
    failures: 0,
    renewedAt: -Infinity,
    said: ""
  }
  const turn = Effect.gen(function* () {
    yield* Effect.scoped(attempt(state)).pipe(Effect.catch((error) => failed(state, error)))
    yield* Deferred.succeed(state.tried, undefined)
    yield* Effect.sleep(yield* pauseAfter(state.failures))
  })
  yield* Effect.forever(turn).pipe(
    Effect.ignoreCause({ log: "Unhandled", message: "this node is no longer kept registered at epmd" }),
    Effect.annotateLogs({ cluster: self.cluster, node: self.name }),
    Effect.forkScoped
  )
  const registering: Registering = {
    unsettled: Effect.map(monotonicMillis, (now) => now - state.renewedAt < settling)
  }
  return registering
})

/** All who lose one epmd at once do not come back at once. */
const pauseAfter = (failures: number): Effect.Effect<Duration.Duration> =>
  Effect.map(Random.next, (chance) => {
    if (failures === 0) return Duration.millis(pauses.first * chance)
    const pause = Math.min(pauses.first * 2 ** Math.min(failures, 8), pauses.last)
    return Duration.millis(pause * (0.8 + 0.4 * chance))
  })

const count = (result: string) => Metric.update(Metric.withAttributes(metrics.registrations, { result }), 1)

/** One registration, to its end: it was lost, or this node listens elsewhere now. */
const attempt = Effect.fnUntraced(function* (state: State) {
  const announced = announce(state.self, state.tag)
  if (announced === undefined) {
    yield* say(state, "this node is not registered at epmd: it listens nowhere that can be dialed")
    return yield* Effect.sleep(watchEvery)
  }
  const registration = yield* registerOrServe(state, announced)
  yield* Effect.acquireRelease(Metric.modify(metrics.registered, 1), () => Metric.modify(metrics.registered, -1))
  yield* count("registered")
  if (state.said !== "") yield* Effect.logInfo("this node is registered at epmd")
  state.said = ""
  state.failures = 0
  if (state.renewedAt !== -Infinity) state.renewedAt = yield* monotonicMillis
  yield* Deferred.succeed(state.tried, undefined)
  const lost = yield* Effect.raceFirst(Effect.asSome(registration.lost), Effect.asVoid(moved(state, announced)))
  if (lost === undefined) return
  state.renewedAt = Infinity
  yield* count("lost")
  yield* Effect.logDebug("the registration at epmd is lost: registering anew")
})

/** Suspends until this node advertises another address. */
const moved = (state: State, announced: Announced): Effect.Effect<void> =>
  Effect.suspend(() => {
    const now = announce(state.self, state.tag)
    return now !== undefined && format(now) === format(announced)
      ? Effect.andThen(Effect.sleep(watchEvery), moved(state, announced))
      : Effect.void
  })

const register = ({ settings }: State, announced: Announced) =>
  Client.register(
    {
      name: NodeName.basename(announced.name),
      port: announced.address.port,
      hidden: true,
      extra: Buffer.from(format(announced))
    },
    host,
    { port: settings.port, timeout: settings.timeout }
  )

/** Where nobody listens this node serves, or another one that was faster does: both are there to register at. */
const registerOrServe = (state: State, announced: Announced) =>
  register(state, announced).pipe(
    Effect.catch((error) => {
      const { daemon, port } = state.settings
      const refused = error.reason._tag === "Unreachable" && error.reason.code === "ECONNREFUSED"
      if (!refused || daemon === undefined) return Effect.fail(error)
      return Effect.andThen(serve(state, { ...daemon, port }), register(state, announced))
    })
  )

const serve = Effect.fnUntraced(function* (state: State, options: Daemon.Options) {
  const scope = yield* Scope.fork(state.scope)
  yield* Daemon.serve(options).pipe(
    Scope.provide(scope),
    Effect.tap(Effect.logInfo(`no epmd on this host: this node serves as one, at port ${options.port}`)),
    Effect.onError((cause) => Scope.close(scope, Exit.failCause(cause))),
    Effect.catch((error) =>
      error.reason._tag === "BindFailed" && error.reason.code === "EADDRINUSE" ? Effect.void : Effect.fail(error)
    )
  )
})

const failed = Effect.fnUntraced(function* (state: State, error: Client.EpmdError) {
  state.failures++
  yield* count(error.reason._tag === "NameTaken" ? "taken" : "failed")
  yield* say(state, `this node is not registered: ${error.message}; it tries again`)
})

const say = (state: State, message: string): Effect.Effect<void> => {
  if (state.said === message) return Effect.void
  state.said = message
  return Effect.logWarning(message)
}
