import type { LocalNode } from "@gc/core/LocalNode"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { Connection } from "./connection.ts"
import { keyOf, valueOf } from "./entries.ts"
import type { Settings } from "./settings.ts"
import { monotonic } from "./time.ts"

/** How this node is listed. */
export interface Lease {
  readonly key: string
  /** When the server was seen not to know it any more, in monotonic milliseconds; `-Infinity` as long as it never was. */
  readonly forgottenAt: () => number
  /** To be called when a look did not find it: it is written anew where it was written before. */
  readonly missed: Effect.Effect<void>
}

/** The longest pauses between two attempts, in milliseconds. */
const longest = { renewal: 30_000, retry: 5_000 }

/** Leaving may not take longer; what cannot be taken out ends by itself. */
const withdrawal = Duration.seconds(2)

/** Writes the node's key, and keeps it until the scope closes: then it is deleted. A first attempt that fails is made again. */
export const keepLease = Effect.fnUntraced(function* (settings: Settings, connection: Connection, self: LocalNode) {
  const key = keyOf(settings.prefix, self)
  const millis = Math.ceil(Duration.toMillis(settings.lease))
  const now = yield* monotonic
  const log = Effect.annotateLogs({ cluster: self.cluster, node: self.name })
  let attempted = false
  let written = false
  let forgottenAt = -Infinity
  let said = ""

  const renew = Effect.suspend(() => {
    // The addresses are as they are now: a listener that broke may have another port.
    const value = valueOf(self)
    if (value === undefined) return say("this node is not listed in Redis: it listens nowhere that can be dialed")
    attempted = true
    const options = { expiration: { type: "PX", value: millis }, GET: true } as const
    return Effect.map(
      connection.ask((client) => client.set(key, value, options)),
      (before) => {
        if (before === null && written) forgottenAt = now()
        written = true
        said = ""
      }
    )
  })
  const say = (message: string) =>
    Effect.suspend(() => {
      if (said === message) return Effect.void
      said = message
      return Effect.logWarning(message)
    })
  /** Answers how long to wait for the next one, in milliseconds: another address, or a server that is back, is noticed soon. */
  const attempt = renew.pipe(
    Effect.as(Math.min(millis / 3, longest.renewal)),
    Effect.catch((error) =>
      Effect.as(
        say(`this node is not listed in Redis: ${error.message}; it tries again`),
        Math.min(millis / 10, longest.retry)
      )
    )
  )
  // All who lose one server at once do not come back at once.
  const pause = (length: number) => Effect.flatMap(Random.next, (chance) => Effect.sleep(length * (0.8 + 0.2 * chance)))
  yield* Effect.addFinalizer(() =>
    connection
      .ask((client) => client.del(key))
      .pipe(
        Effect.retry({ times: 1, while: (error) => error._tag === "LookTimeout" }),
        Effect.timeout(withdrawal),
        Effect.catch(() => Effect.logDebug(`this node stays listed in Redis for ${Duration.format(settings.lease)}`)),
        Effect.when(Effect.sync(() => attempted))
      )
  )
  // Of two nodes that start at once the later to write sees the earlier, because each writes before it looks.
  const first = yield* attempt.pipe(log)
  yield* pause(first).pipe(
    Effect.andThen(Effect.forever(Effect.flatMap(attempt, pause))),
    Effect.ignoreCause({ log: "Unhandled", message: "this node is no longer kept listed in Redis" }),
    log,
    Effect.forkScoped
  )
  const lease: Lease = {
    key,
    forgottenAt: () => forgottenAt,
    missed: Effect.suspend(() => (written ? Effect.ignore(renew) : Effect.void))
  }
  return lease
})
