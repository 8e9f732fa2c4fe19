import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ClusterError } from "../ClusterError.ts"
import type { Observer, Options } from "../Observer.ts"
import type { Transport } from "../Transport.ts"

/** An observer of a cluster. */
export const makeObserver = (_options: Options): Effect.Effect<Observer, ClusterError, Transport | Scope.Scope> =>
  Effect.die("observers are not there yet")
