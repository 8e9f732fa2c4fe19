import * as Observer from "@gc/core/Observer"
import type { StreamOptions } from "@gc/core/StreamOptions"
import type * as Peer from "@gc/core/Peer"
import * as Transport from "@gc/core/Transport"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { cookie } from "./joining.ts"
import type { Kit } from "./kit.ts"

/** An observer of the cluster of `joining.ts`. */
export const observer = (kit: Kit, options: Partial<Observer.Options> = {}, own: StreamOptions = {}) =>
  Observer.make({ cluster: "orders", cookie, ...options }).pipe(
    Effect.provideService(Transport.Transport, kit.make({ host: "127.0.0.1", port: 0, ...own }))
  )

/** Watches in the background: what was told so far, and the reason why it ended. */
export const watch = Effect.fnUntraced(function* (watcher: Observer.Observer, peer: Peer.Peer) {
  const told: Array<string> = []
  const fiber = yield* watcher.observe(peer).pipe(
    Stream.runForEach((each) =>
      Effect.sync(() => void told.push(each._tag === "Synced" ? each._tag : `${each._tag} ${each.member.name}`))
    ),
    Effect.result,
    Effect.forkScoped
  )
  const end = Effect.map(Fiber.join(fiber), (result) => (Result.isFailure(result) ? result.failure.reason : "ended"))
  return { told: told as ReadonlyArray<string>, end, stop: Fiber.interrupt(fiber) }
})
