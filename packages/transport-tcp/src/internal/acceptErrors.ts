import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { Server } from "node:net"
import { errorCode } from "./errors.ts"
import { countAcceptError } from "./metrics.ts"

/**
 * Errors of a listening socket (too many open files, say) end nothing: each is counted, and each code is logged once.
 *
 * @internal
 */
export const watchAcceptErrors = (server: Server, address: string, context: Context.Context<never>): void => {
  const logged = new Set<string>()
  server.on("error", (error) => {
    const code = errorCode(error)
    countAcceptError(context, code)
    if (logged.has(code)) return
    logged.add(code)
    Effect.runForkWith(context)(
      Effect.logWarning(`${address} could not accept a connection (${code}); further ones are only counted`)
    )
  })
}
