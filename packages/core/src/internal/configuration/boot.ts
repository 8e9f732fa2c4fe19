import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { ClusterError, Service } from "../../Cluster.ts"
import type { Configuration } from "../../Configuration.ts"
import type { ConfigurationError } from "../../ConfigurationError.ts"
import * as Discovery from "../../Discovery.ts"
import type { Plugins } from "../../Plugin.ts"
import * as Transport from "../../Transport.ts"
import { makeCluster } from "../makeCluster.ts"
import { makeAlone } from "./alone.ts"
import { findConfiguration } from "./read.ts"

type Failure = ClusterError | Discovery.DiscoveryError | ConfigurationError

const transportOf = ({ transports }: Configuration): Layer.Layer<Transport.Transport, ConfigurationError> => {
  const [first, ...others] = transports.map(({ layer }) => layer)
  return first === undefined
    ? Layer.effect(Transport.Transport, Effect.die(new Error("a configuration has at least one transport")))
    : Transport.layerMerge(first, ...others)
}

const discoveryOf = ({
  discoveries
}: Configuration): Layer.Layer<Discovery.Discovery, Exclude<Failure, ClusterError>> => {
  const [first, ...others] = discoveries.map(({ layer }) => layer)
  return first === undefined
    ? Layer.succeed(Discovery.Discovery, Discovery.empty)
    : Discovery.layerMerge(first, ...others)
}

/** Says, while the parts are built, which they are: one of them may wait for something that never comes. */
const warnWhileStarting = ({ discoveries, resolver, transports }: Configuration): Effect.Effect<void> => {
  const named = (group: string, parts: ReadonlyArray<{ readonly key: string }>) =>
    parts.map(({ key }) => `${group}.${key}`)
  const keys = [
    ...named("transport", transports),
    ...named("discovery", discoveries),
    ...named("resolver", resolver === undefined ? [] : [resolver])
  ]
  return Effect.delay(Effect.logWarning(`not started after 10 seconds: one of ${keys.join(", ")}`), "10 seconds")
}

/** Joins the cluster as the configuration says, for as long as the scope is open. */
export const join = Effect.fnUntraced(function* (
  configuration: Configuration
): Effect.fn.Return<Service, Failure, Scope.Scope> {
  for (const text of configuration.warnings) yield* Effect.logWarning(text)
  const parts = Layer.mergeAll(
    transportOf(configuration),
    discoveryOf(configuration),
    configuration.resolver?.layer ?? Layer.empty
  )
  const warning = yield* Effect.forkChild(warnWhileStarting(configuration))
  const services = yield* Layer.build(parts)
  yield* Fiber.interrupt(warning)
  return yield* Effect.provideContext(makeCluster(configuration.options), services)
})

/** Reads what is configured and joins; a node that is alone where nothing is. */
export const joinConfigured = Effect.fnUntraced(function* (
  path: string | undefined,
  plugins: Plugins
): Effect.fn.Return<Service, Failure, Scope.Scope> {
  const found = yield* findConfiguration(path, plugins)
  if (found._tag === "Configured") return yield* join(found.configuration)
  yield* Effect.logWarning(`no cluster is started, this node is alone: ${found.reason}`)
  return yield* makeAlone(found.reason)
})
