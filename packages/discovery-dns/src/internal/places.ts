import { type DiscoveryCode, LookFailed } from "@gc/core/Discovery"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { ResolveError } from "../ResolveError.ts"
import type { Resolver } from "../Resolver.ts"

/** Where somebody is. */
export interface Place {
  readonly host: string
  readonly port: number
}

/** Where somebody is, and how long that holds, in seconds; for ever without a `ttl`. */
export interface Placed {
  readonly places: ReadonlyArray<Place>
  readonly ttl: number | undefined
}

/** A resolver within the time that is left of a look. */
export type Ask = Resolver["resolveTypes"]

/** How many questions of one look are under way at most. */
const concurrency = 16

/** How many failures of one look are told. */
export const toldFailures = 4

/** The smallest time to live of several, in seconds. */
export const leastTtl = (all: ReadonlyArray<{ readonly ttl: number | undefined }>): number | undefined => {
  const known = all.flatMap(({ ttl }) => (ttl === undefined ? [] : [ttl]))
  return known.length === 0 ? undefined : known.reduce((least, ttl) => Math.min(least, ttl))
}

const rcodes: Readonly<Record<string, DiscoveryCode>> = { SERVFAIL: "servfail", REFUSED: "dns_refused" }

/** Why, in one word. */
const codeOf = (failure: ResolveError | LookFailed): DiscoveryCode | undefined => {
  if (failure._tag === "LookFailed") return failure.code
  const { reason } = failure
  switch (reason._tag) {
    case "ServerFailure":
      return rcodes[reason.rcode]
    case "ServerUnreachable":
      return "unreachable"
    case "NoAnswer":
      return "no_answer"
    default:
      return undefined
  }
}

/** Does all, and then tells of everything that failed: what is known of one does not stand for the others. */
export const all = <A, B>(
  items: ReadonlyArray<A>,
  f: (item: A) => Effect.Effect<B, ResolveError | LookFailed>
): Effect.Effect<ReadonlyArray<B>, LookFailed> =>
  Effect.flatMap(
    Effect.forEach(items, (item) => Effect.result(f(item)), { concurrency }),
    (results) => {
      const failures = results.flatMap((result) => (Result.isFailure(result) ? [result.failure] : []))
      const [cause] = failures
      if (cause === undefined)
        return Effect.succeed(results.flatMap((result) => (Result.isSuccess(result) ? [result.success] : [])))
      const told = failures.slice(0, toldFailures).map(({ message }) => message)
      const untold = failures.length - told.length
      const detail = untold === 0 ? told.join("; ") : `${told.join("; ")}; and ${untold} more`
      const code = codeOf(cause)
      return Effect.fail(new LookFailed({ detail, ...(code !== undefined && { code }), cause }))
    }
  )
