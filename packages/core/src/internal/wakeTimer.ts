import * as Effect from "effect/Effect"

/** Wakes somebody at a time that may be set anew at any moment. */
export class WakeTimer {
  readonly #now: () => number
  readonly #due: () => void
  #at = Infinity
  #sleepingUntil = Infinity
  #rearm: (() => void) | undefined

  constructor(now: () => number, due: () => void) {
    this.#now = now
    this.#due = due
  }

  /** Replaces the time that was set before. */
  set(at: number): void {
    this.#at = at
    if (at < this.#sleepingUntil) this.#rearm?.()
  }

  readonly run: Effect.Effect<never> = Effect.suspend(() => {
    this.#sleepingUntil = this.#at
    return Effect.raceFirst(Effect.sleep(Math.ceil(Math.max(0, this.#at - this.#now()))), this.#rearmed)
  }).pipe(
    Effect.andThen(
      Effect.sync(() => {
        this.#sleepingUntil = Infinity
        if (this.#now() >= this.#at) this.#due()
      })
    ),
    Effect.forever
  )

  readonly #rearmed = Effect.callback<void>((resume) => {
    if (this.#at < this.#sleepingUntil) {
      resume(Effect.void)
      return
    }
    this.#rearm = () => {
      this.#rearm = undefined
      resume(Effect.void)
    }
  })
}
