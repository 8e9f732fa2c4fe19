import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Scheduler from "effect/Scheduler"
import type * as Scope from "effect/Scope"

interface Entry {
  readonly at: number
  readonly order: number
  readonly action: () => void
}

const before = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)

/**
 * What happens later in a simulated network: actions in the order of their time, ties in the order they were planned, run
 * by Effect's Clock.
 */
export interface Timeline {
  readonly clock: Clock.Clock
  /** Milliseconds. */
  readonly now: () => number
  /** Runs `action` at `at` (milliseconds), and not before the caller has returned. */
  readonly plan: (at: number, action: () => void) => void
  /** Runs `action` in a task of its own: what it resumes never runs on the caller's stack. */
  readonly soon: (action: () => void) => void
}

/** A clock counts in nanoseconds and we in fractions of a millisecond: within this much, in milliseconds, an action is due. */
const tolerance = 0.001

/** A binary heap. */
const makeHeap = () => {
  const heap: Array<Entry> = []
  const swap = (a: number, b: number) => {
    const entry = heap[a]!
    heap[a] = heap[b]!
    heap[b] = entry
  }
  const push = (entry: Entry): void => {
    let index = heap.push(entry) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!before(heap[index]!, heap[parent]!)) return
      swap(index, parent)
      index = parent
    }
  }
  const pop = (): void => {
    swap(0, heap.length - 1)
    heap.pop()
    let index = 0
    for (;;) {
      let least = index
      for (const child of [2 * index + 1, 2 * index + 2]) {
        if (child < heap.length && before(heap[child]!, heap[least]!)) least = child
      }
      if (least === index) return
      swap(index, least)
      index = least
    }
  }
  return { push, pop, first: () => heap[0] }
}

export const makeTimeline: Effect.Effect<Timeline, never, Scope.Scope> = Effect.gen(function* () {
  const clock = yield* Clock.Clock
  const dispatcher = (yield* Scheduler.Scheduler).makeDispatcher()
  const fork = yield* FiberSet.makeRuntime<never>()
  const heap = makeHeap()
  let order = 0
  let armed = Infinity
  let open = true
  yield* Effect.addFinalizer(() => Effect.sync(() => void (open = false)))

  const runDue = (): void => {
    const now = clock.currentTimeMillisUnsafe()
    for (let next = heap.first(); next !== undefined && next.at <= now + tolerance; next = heap.first()) {
      heap.pop()
      next.action()
    }
  }

  const arm = (at: number): void => {
    if (!open || at >= armed) return
    armed = at
    // Sleepers that an earlier one has overtaken find nothing due, or what is due.
    fork(
      Effect.suspend(() => clock.sleep(Duration.millis(at - clock.currentTimeMillisUnsafe()))).pipe(
        Effect.andThen(
          Effect.sync(() => {
            if (armed === at) armed = Infinity
            runDue()
            const next = heap.first()
            if (next !== undefined) arm(next.at)
          })
        ),
        Effect.ignoreCause({ log: "Error", message: "the simulated network failed" })
      )
    )
  }

  return {
    clock,
    now: () => clock.currentTimeMillisUnsafe(),
    plan: (at, action) => {
      heap.push({ at, order: order++, action })
      if (at <= clock.currentTimeMillisUnsafe()) dispatcher.scheduleTask(runDue, 0)
      else arm(at)
    },
    soon: (action) => dispatcher.scheduleTask(action, 0)
  }
})
