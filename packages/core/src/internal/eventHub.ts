import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Pull from "effect/Pull"
import * as Stream from "effect/Stream"
import { type Ending, EventView } from "../protocol/eventView.ts"
import type { MemberEvent, MemberView } from "../protocol/node.ts"

/** Events that a subscriber may be behind before it is given the difference instead. */
export const maxLag = 1_024

/** Where a subscriber that lagged finds out what is true now. */
export interface Truth {
  readonly live: () => ReadonlyArray<MemberView>
  readonly ending: (name: string, instance: string) => Ending | undefined
  readonly lagged: () => void
}

/** One who follows the events at its own pace: nobody waits for it, and it holds at most 1,024 events. */
export class Subscriber {
  readonly #truth: Truth
  readonly #view = new EventView()
  #buffer: Array<MemberEvent> = []
  #behind = true
  #wake: (() => void) | undefined
  #follower: (() => void) | undefined
  ended = false

  constructor(truth: Truth) {
    this.#truth = truth
  }

  push(event: MemberEvent): void {
    if (!this.#behind) {
      this.#buffer.push(event)
      if (this.#buffer.length > maxLag) {
        this.#behind = true
        this.#buffer = []
        this.#truth.lagged()
      }
    }
  }

  notify(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
    this.#follower?.()
  }

  /** Calls back whenever there may be something to take. */
  follow(follower: () => void): void {
    this.#follower = follower
  }

  /** Whether there may be something to take. */
  get ready(): boolean {
    return this.#buffer.length > 0 || this.#behind
  }

  readonly pull: Pull.Pull<NonEmptyReadonlyArray<MemberEvent>> = Effect.suspend(() => {
    const events = this.take()
    if (events.length > 0) return Effect.succeed(events as unknown as NonEmptyReadonlyArray<MemberEvent>)
    if (this.ended) return Cause.done()
    return Effect.flatMap(this.#arrival, () => this.pull)
  })

  /** What is next to be told: events that were published, or the difference to what is. May be nothing. */
  take(): ReadonlyArray<MemberEvent> {
    if (this.#behind) {
      this.#behind = false
      return this.#view.catchUp(this.#truth.live(), this.#truth.ending)
    }
    const events = this.#buffer.filter((event) => this.#view.admits(event))
    this.#buffer = []
    for (const event of events) this.#view.apply(event)
    return events
  }

  readonly #arrival = Effect.callback<void>((resume) => {
    if (this.ready || this.ended) {
      resume(Effect.void)
      return
    }
    this.#wake = () => resume(Effect.void)
  })
}

/** Gives every subscriber the present members first, then every change, with no gap and no repeat; nothing after the end. */
export class EventHub {
  readonly #subscribers = new Set<Subscriber>()
  readonly #truth: Truth
  #ended = false

  constructor(truth: Truth) {
    this.#truth = truth
  }

  get ended(): boolean {
    return this.#ended
  }

  /**
   * Takes in an event. All events of one step come before anybody reads: whoever catches up in between sees the state after the
   * step, and must not be told its events again.
   */
  publish(event: MemberEvent): void {
    for (const subscriber of this.#subscribers) subscriber.push(event)
  }

  /** Lets the subscribers read what was published. */
  notify(): void {
    for (const subscriber of this.#subscribers) subscriber.notify()
  }

  /** Ends every subscription, after what is buffered. */
  end(): void {
    this.#ended = true
    for (const subscriber of this.#subscribers) {
      subscriber.ended = true
      subscriber.notify()
    }
  }

  subscribe(): Subscriber {
    const subscriber = new Subscriber(this.#truth)
    this.#subscribers.add(subscriber)
    return subscriber
  }

  unsubscribe(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber)
  }

  readonly #subscription = Stream.fromPull(
    Effect.map(
      Effect.acquireRelease(
        Effect.sync(() => this.subscribe()),
        (subscriber) => Effect.sync(() => this.unsubscribe(subscriber))
      ),
      (subscriber) => subscriber.pull
    )
  ).pipe(Stream.scoped)

  readonly events: Stream.Stream<MemberEvent> = Stream.suspend(() => (this.#ended ? Stream.empty : this.#subscription))
}
