import type { LocalNode } from "@gc/core/LocalNode"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { Connection } from "./connection.ts"
import { keyOf, valueOf } from "./entries.ts"
import type { Settings } from "./settings.ts"

/** How this node is listed. */
export interface Lease {
  readonly key: string
  /** Suspends until the first attempt to write it has ended, for better or worse. */
  readonly tried: Effect.Effect<void>
  /** When the server was seen not to know it any more; `-Infinity` as long as it never was. */
  readonly forgottenAt: () => number
  /** To be called when a look did not find it: it is written anew where it was written before. */
  readonly missed: Effect.Effect<void>
}

/** Leaving may not take longer; what cannot be taken out ends by itself. */
const withdrawal = Duration.seconds(2)

/** Writes the node's key until the scope closes, and deletes it then. */
export const keepLease = Effect.fnUntraced(function* (settings: Settings, connection: Connection, self: LocalNode) {
  const key = keyOf(settings.prefix, self)
  const tried = yield* Deferred.make<void>()
  const millis = Math.ceil(Duration.toMillis(settings.lease))
  const clock = yield* Clock.Clock
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
        if (before === null && written) forgottenAt = clock.currentTimeMillisUnsafe()
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
  const turn = renew.pipe(
    Effect.as(1 / 3),
    Effect.catch((error) =>
      Effect.as(say(`this node is not listed in Redis: ${error.message}; it tries again`), 1 / 10)
    ),
    Effect.tap(Deferred.succeed(tried, undefined)),
    // All who lose one server at once do not come back at once.
    Effect.flatMap((part) =>
      Effect.flatMap(Random.next, (chance) => Effect.sleep(millis * part * (0.8 + 0.2 * chance)))
    )
  )
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
  yield* Effect.forever(turn).pipe(
    Effect.ignoreCause({ log: "Unhandled", message: "this node is no longer kept listed in Redis" }),
    Effect.annotateLogs({ cluster: self.cluster, node: self.name }),
    Effect.forkScoped
  )
  const lease: Lease = {
    key,
    tried: Deferred.await(tried),
    forgottenAt: () => forgottenAt,
    missed: Effect.suspend(() => (written ? Effect.ignore(renew) : Effect.void))
  }
  return lease
})
