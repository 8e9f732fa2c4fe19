import * as Effect from "effect/Effect"
import type * as LogLevel from "effect/LogLevel"

export type Fields = Readonly<Record<string, string | number>>

const warnEvery = 60_000

const maxKeys = 1_024

/** What a cluster logs: each line says of which node it is. */
export class Journal {
  readonly #fields: Fields
  readonly #now: () => number
  readonly #fork: (effect: Effect.Effect<void>) => unknown
  readonly #warned = new Map<string, number>()

  constructor(options: {
    readonly fields: Fields
    readonly now: () => number
    readonly fork: (effect: Effect.Effect<void>) => unknown
  }) {
    this.#fields = options.fields
    this.#now = options.now
    this.#fork = options.fork
  }

  log(level: LogLevel.Severity, text: string, fields: Fields): void {
    this.#fork(Effect.logWithLevel(level)(text).pipe(Effect.annotateLogs({ ...this.#fields, ...fields })))
  }

  /** A warning, at most once a minute for the same key. */
  warn(key: string, text: string, fields: Fields): void {
    const now = this.#now()
    const last = this.#warned.get(key)
    if (last !== undefined && now - last < warnEvery) return
    this.#warned.delete(key)
    this.#warned.set(key, now)
    if (this.#warned.size > maxKeys) this.#warned.delete(this.#warned.keys().next().value as string)
    this.log("Warn", text, fields)
  }
}
