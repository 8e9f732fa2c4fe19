import { ClusterError } from "@gc/core/Cluster"
import type { Configuration, ConfiguredTransport } from "@gc/core/Configuration"
import type { DiscoveryContext } from "@gc/core/Discovery"
import * as NodeName from "@gc/core/NodeName"
import * as Observer from "@gc/core/Observer"
import { merge, Transport } from "@gc/core/Transport"
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { randomBytes } from "node:crypto"
import { messageOf } from "./finding.ts"

/** A transport of the configuration, or why it cannot be made. */
export interface Built {
  readonly entry: ConfiguredTransport
  readonly transport: Transport["Service"] | undefined
  readonly problem: string
}

/** A configuration with what looks for its cluster from outside. */
export interface Prepared {
  readonly configuration: Configuration
  readonly transports: ReadonlyArray<Built>
  /** Absent without a cookie or a transport. */
  readonly observer: Observer.Observer | undefined
  /** Why there is no observer, where the cookie is the reason. */
  readonly problem: string | undefined
  /** The mode of the cookie's file, where it is the reason: others can read it. */
  readonly exposed: string | undefined
  /** To run sources that announce nothing. */
  readonly context: DiscoveryContext
}

const build = (entry: ConfiguredTransport): Effect.Effect<Built, never, Scope.Scope> =>
  Effect.map(Effect.exit(Layer.build(entry.layer)), (exit) =>
    Exit.isSuccess(exit)
      ? { entry, transport: Context.get(exit.value, Transport), problem: "" }
      : { entry, transport: undefined, problem: messageOf(Cause.squash(exit.cause)) }
  )

/** For sources, where there is no observer: nobody, without keys. */
const stranger = (cluster: string): DiscoveryContext => ({
  self: {
    cluster,
    name: NodeName.make(`observer-${randomBytes(4).toString("hex")}@127.0.0.1`),
    instance: randomBytes(16).toString("hex"),
    generation: 0,
    addresses: []
  },
  key: () => Option.none(),
  keys: () => [],
  announce: false
})

const observe = Effect.fnUntraced(function* (
  { options, resolver }: Configuration,
  transports: NonEmptyReadonlyArray<Transport["Service"]>
) {
  const { allowPlaintext, cluster, cookie, cookieFile, security } = options
  const names = resolver === undefined ? Context.empty() : yield* Layer.build(resolver.layer)
  const observer = Observer.make({ cluster, cookie, cookieFile, security, allowPlaintext })
  return yield* observer.pipe(Effect.provideService(Transport, merge(...transports)), Effect.provide(names))
})

const isNonEmpty = <A>(list: ReadonlyArray<A>): list is NonEmptyReadonlyArray<A> => list.length > 0

/** Makes the transports and the observer of a configuration. It fails with nothing: what is missing is told. */
export const prepare = Effect.fnUntraced(function* (
  configuration: Configuration
): Effect.fn.Return<Prepared, never, Scope.Scope> {
  const transports = yield* Effect.forEach(configuration.transports, build)
  const usable = transports.map(({ transport }) => transport).filter((each) => each !== undefined)
  const rest = {
    configuration,
    transports,
    context: stranger(configuration.options.cluster),
    problem: undefined,
    exposed: undefined
  }
  if (!isNonEmpty(usable)) return { ...rest, observer: undefined }
  const exit = yield* Effect.exit(observe(configuration, usable))
  if (Exit.isFailure(exit)) {
    const error = Cause.squash(exit.cause)
    const reason = error instanceof ClusterError ? error.reason : undefined
    const exposed = reason?._tag === "CookieExposed" ? reason.mode : undefined
    return { ...rest, observer: undefined, problem: messageOf(error), exposed }
  }
  return { ...rest, observer: exit.value, context: exit.value.context }
})
