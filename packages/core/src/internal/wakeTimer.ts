import * as Effect from "effect/Effect"

/** Wakes somebody at a time that may be set anew at any moment. */
export class WakeTimer {
  readonly #now: () => number
  readonly #due: () => void
  readonly #fork: (effect: Effect.Effect<void>) => unknown
  #at = Infinity
  /** Whether `run` sleeps: otherwise it is about to, until whatever time is set. */
  #sleeping = false
  /** When sleepers wake, and the first of them. Who slept for a time that was set anew wakes for nothing. */
  readonly #sleepers: Array<number> = []
  #first = Infinity

  constructor(now: () => number, due: () => void, fork: (effect: Effect.Effect<void>) => unknown) {
    this.#now = now
    this.#due = due
    this.#fork = fork
  }

  /** Replaces the time that was set before. */
  set(at: number): void {
    this.#at = at
    if (this.#sleeping && at < this.#first) this.#fork(this.#nap(at))
  }

  /** At rest it is the only sleeper: from tick to tick no fiber is made and none interrupted. */
  readonly run: Effect.Effect<never> = Effect.suspend(() => {
    this.#sleeping = true
    return this.#sleep(this.#at)
  }).pipe(
    Effect.flatMap((until) =>
      Effect.sync(() => {
        this.#sleeping = false
        this.#woke(until)
      })
    ),
    Effect.forever
  )

  /** For a time before all others that are slept for. */
  #nap(at: number): Effect.Effect<void> {
    return Effect.map(this.#sleep(at), (until) => {
      this.#woke(until)
      this.set(this.#at)
    })
  }

  #sleep(until: number): Effect.Effect<number> {
    this.#sleepers.push(until)
    this.#first = Math.min(this.#first, until)
    return Effect.as(Effect.sleep(Math.ceil(Math.max(0, until - this.#now()))), until)
  }

  #woke(until: number): void {
    this.#sleepers.splice(this.#sleepers.indexOf(until), 1)
    this.#first = Math.min(...this.#sleepers, Infinity)
    if (this.#now() >= this.#at) this.#due()
  }
}
