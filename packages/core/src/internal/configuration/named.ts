import * as Effect from "effect/Effect"
import type { Named } from "../../Configuration.ts"
import type { ConfigurationError } from "../../ConfigurationError.ts"

export const namedIn = (_path: string | undefined): Effect.Effect<Named, ConfigurationError> => Effect.die("not yet")
