import type * as Peer from "@gc/core/Peer"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { type EventRecord, recordOf } from "../events.ts"
import { type CliFailure, failure } from "../failure.ts"
import type { Entrance } from "./entrance.ts"
import { reach, type Reached } from "./reach.ts"
import { difference, View } from "./view.ts"

/** Between attempts to find a node, doubled from the first to the last. */
const pauses = { first: 500, last: 15_000 }

/** A node that goes while it tells its members is replaced by another one so often. */
const attempts = 3

/** The members as one node of the cluster sees them. */
export interface Snapshot {
  readonly by: Reached
  readonly view: View
}

const take = Effect.fnUntraced(function* (entrance: Entrance) {
  const by = yield* reach(entrance)
  const view = new View()
  yield* entrance.observer.observe(by.peer).pipe(
    Stream.takeUntil((told) => told._tag === "Synced"),
    Stream.runForEach((told) => Effect.sync(() => void (told._tag !== "Synced" && view.apply(told))))
  )
  return { by, view } satisfies Snapshot
})

/** Asks the first node that answers for its members. */
export const snapshot = (entrance: Entrance): Effect.Effect<Snapshot, CliFailure> =>
  take(entrance).pipe(
    Effect.retry({ while: (error) => error._tag === "ConnectError", times: attempts - 1 }),
    Effect.catchTag("ConnectError", (error) => failure("failed", error.message))
  )

/** A step of the watching itself: `watching` a node, `synced` with it, `lost` it. */
const recordOfWatching = (event: string, { node }: Reached, more: object = {}): EventRecord => ({
  event,
  node: node.name,
  instance: node.instance,
  at: new Date().toISOString(),
  ...more
})

/** How the watching is told. */
export interface Telling {
  readonly emit: (record: EventRecord) => Effect.Effect<void>
  readonly say: (text: string) => Effect.Effect<void>
}

/** Watches by one node until it goes; answers why it went. What is known already is not told again. */
const watchBy = (entrance: Entrance, by: Reached, state: { view: View | undefined }, { emit }: Telling) =>
  Effect.gen(function* () {
    yield* emit(recordOfWatching("watching", by))
    const before = state.view
    const view = new View()
    let isSynced = false
    const ended = yield* entrance.observer.observe(by.peer).pipe(
      Stream.runForEach((told) =>
        Effect.gen(function* () {
          if (told._tag === "Synced") {
            if (before !== undefined) yield* Effect.forEach(difference(before, view), emit, { discard: true })
            isSynced = true
            state.view = view
            return yield* emit(recordOfWatching("synced", by))
          }
          view.apply(told)
          if (isSynced || before === undefined) yield* emit(recordOf(told))
        })
      ),
      Effect.result
    )
    if (Result.isFailure(ended) && ended.failure.reason === "shutting_down") {
      const member = state.view?.get(by.node.name)
      if (member?.instance === by.node.instance) {
        const left = { _tag: "Left", member } as const
        state.view?.apply(left)
        yield* emit(recordOf(left))
      }
    }
    const reason = Result.isFailure(ended) ? ended.failure.detail : "the node ended the link"
    yield* emit(recordOfWatching("lost", by, { reason }))
    return isSynced
  })

/** Those who may go on telling when one is gone: the other members, where they say that they are. */
const others = (view: View | undefined, gone: Reached): ReadonlyArray<Peer.Peer> =>
  (view?.members ?? [])
    .filter(({ instance }) => instance !== gone.node.instance)
    .flatMap(({ addresses, name }) => addresses.slice(0, 1).map((address) => ({ name, address })))

/** Watches for ever, by one node after the other. Fails when nobody can be reached at the start. */
export const watchCluster = (entrance: Entrance, telling: Telling): Effect.Effect<never, CliFailure> =>
  Effect.gen(function* () {
    const state: { view: View | undefined } = { view: undefined }
    let by = yield* reach(entrance)
    for (;;) {
      let pause = pauses.first
      if (!(yield* watchBy(entrance, by, state, telling))) yield* Effect.sleep(pause)
      const known = others(state.view, by)
      yield* telling.say(`${by.node.name} went: looking for another node`)
      for (;;) {
        const next = yield* Effect.result(reach(entrance, known))
        if (Result.isSuccess(next)) {
          by = next.success
          break
        }
        yield* telling.say(`${next.failure.message}\ntrying again in ${Duration.toSeconds(pause)} s`)
        yield* Effect.sleep(pause)
        pause = Math.min(pause * 2, pauses.last)
      }
    }
  })
