import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ClusterError, Service } from "../../Cluster.ts"
import type { Configuration } from "../../Configuration.ts"
import type { ConfigurationError } from "../../ConfigurationError.ts"
import type { DiscoveryError } from "../../Discovery.ts"
import type { Plugins } from "../../Plugin.ts"

/** Joins the cluster as the configuration says, for as long as the scope is open. */
export const join = (
  _configuration: Configuration
): Effect.Effect<Service, ClusterError | DiscoveryError | ConfigurationError, Scope.Scope> => Effect.die("not yet")

/** Reads what is configured and joins; a node that is alone where nothing is. */
export const joinConfigured = (
  _path: string | undefined,
  _plugins: Plugins
): Effect.Effect<Service, ClusterError | DiscoveryError | ConfigurationError, Scope.Scope> => Effect.die("not yet")
