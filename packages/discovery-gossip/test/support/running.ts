import type { DiscoveryContext, DiscoveryError, Look, Source } from "@gc/core/Discovery"
import * as Peer from "@gc/core/Peer"
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Metric from "effect/Metric"
import * as Stream from "effect/Stream"

export interface Running {
  readonly looks: ReadonlyArray<Look>
  readonly exit: () => Exit.Exit<void, DiscoveryError> | undefined
  readonly stop: Effect.Effect<void>
}

/** Runs a source until the scope ends. */
export const run = Effect.fnUntraced(function* (source: Source, context: DiscoveryContext) {
  const looks: Array<Look> = []
  const fiber = yield* Stream.runForEach(source.looks(context), (look) =>
    Effect.sync(() => void looks.push(look))
  ).pipe(Effect.forkScoped({ startImmediately: true }))
  const running: Running = { looks, exit: () => fiber.pollUnsafe(), stop: Fiber.interrupt(fiber) }
  return running
})

/** A look as text: its peers, or `unknown: …`. */
export const textOf = (look: Look | undefined): string => {
  if (look === undefined) return "none yet"
  return look._tag === "Unknown" ? `unknown: ${look.error.message}` : look.peers.map(Peer.format).toSorted().join(", ")
}

/** Why a look failed, in one word. */
export const codeOf = (look: Look): string | undefined => (look._tag === "Unknown" ? look.error.code : undefined)

/** Suspends until the condition holds; fails with what it saw last after 20 seconds. */
export const until = (what: string, condition: () => boolean, seen: () => unknown = () => "") =>
  Effect.gen(function* () {
    const end = Date.now() + 20_000
    while (!condition()) {
      if (Date.now() > end) assert.fail(`never came: ${what}; ${JSON.stringify(seen())}`)
      yield* Effect.sleep("5 millis")
    }
  })

/** Suspends until the last look is this. */
export const untilLook = (running: Running, text: string) =>
  until(
    text,
    () => textOf(running.looks.at(-1)) === text,
    () => running.looks.map(textOf)
  )

/** A metric's counts by its one attribute of its own, or by `""`. */
export const counts = (id: string, attribute: string, node: string) =>
  Effect.map(Metric.snapshot, (all) => {
    const found = new Map<string, number>()
    for (const each of all) {
      const attributes: Readonly<Record<string, string>> = { ...each.attributes }
      if (each.id !== id || attributes["node"] !== node || each.type !== "Counter") continue
      found.set(attributes[attribute] ?? "", Number(each.state.count))
    }
    return found
  })
