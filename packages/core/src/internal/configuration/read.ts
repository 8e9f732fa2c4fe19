import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type { Configuration } from "../../Configuration.ts"
import type { ConfigurationError } from "../../ConfigurationError.ts"
import type { Plugins } from "../../Plugin.ts"

export const readConfiguration = (
  _path: string | undefined,
  _plugins: Plugins
): Effect.Effect<Option.Option<Configuration>, ConfigurationError> => Effect.die("not yet")
