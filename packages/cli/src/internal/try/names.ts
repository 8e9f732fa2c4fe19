/**
 * Which name a node of `gcluster try` takes: what the epmd of this machine lists is taken.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import { randomBytes } from "node:crypto"

/** What is registered at the epmd of this machine. */
export type Names = Effect.Effect<ReadonlyArray<{ readonly name: string; readonly port: number }>, unknown>

/** What this needs of `@gc/discovery-epmd`, which is loaded by its name. */
export interface EpmdPackage {
  readonly Client: {
    readonly defaultPort: number
    readonly names: (host: string, options: { readonly port: number }) => Names
  }
}

const letters = Array.from("abcdefghijklmnopqrstuvwxyz")

/** The names that are taken; none where nobody is epmd yet. */
export const takenNames = (names: Names): Effect.Effect<ReadonlySet<string>> =>
  Effect.map(Effect.option(names), (listed) => new Set(Option.getOrElse(listed, () => []).map(({ name }) => name)))

/** The first letter that is free, or else `node-` and 8 hex digits. */
export const freeName = (taken: ReadonlySet<string>): string =>
  letters.find((letter) => !taken.has(letter)) ?? `node-${randomBytes(4).toString("hex")}`

/** How long a registration may take before the node goes on without. */
const patience = "5 seconds"

/**
 * Waits for this node's registration; false where another program has the name, which was free a moment ago. True, too, where
 * nothing is registered in time: discovery logs why.
 */
export const isRegistered = (name: string, port: number, names: Names): Effect.Effect<boolean> =>
  names.pipe(
    Effect.flatMap((listed) => Effect.fromOption(Option.fromUndefinedOr(listed.find((each) => each.name === name)))),
    Effect.retry(Schedule.spaced("50 millis")),
    Effect.map((found) => found.port === port),
    Effect.timeoutOption(patience),
    Effect.map(Option.getOrElse(() => true)),
    Effect.orElseSucceed(() => true)
  )
