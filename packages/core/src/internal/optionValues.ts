import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { ClusterError, OptionInvalid } from "../ClusterError.ts"
import * as OptionKeys from "../OptionKeys.ts"

/** Options may come from programs that no compiler has seen. */
export type Untyped = Readonly<Record<string, unknown>>

const printed = (_key: string, value: unknown): unknown =>
  typeof value === "bigint" || (typeof value === "number" && !Number.isFinite(value)) ? String(value) : value

const json = (value: unknown): string => {
  try {
    return JSON.stringify(value, printed) ?? "an object"
  } catch {
    return "an object"
  }
}

/** A value for a message, whatever it is. */
export const show = (value: unknown): string => {
  if (typeof value === "function") return "a function"
  if (Duration.isDuration(value)) return String(value)
  const text = typeof value === "string" || (typeof value === "object" && value !== null) ? json(value) : plain(value)
  return text.slice(0, 200)
}

const plain = (value: unknown): string =>
  String(value as string | number | bigint | boolean | symbol | null | undefined)

/** What a value is, never what it says: it may be a secret. */
export const kindOf = (value: unknown): string => {
  if (value === undefined || value === null || value === "") return show(value)
  if (Array.isArray(value)) return `a list of ${value.length}`
  return typeof value === "object" ? "an object" : `a ${typeof value}`
}

export const wrong = (key: string, value: unknown, expected: string): Effect.Effect<never, ClusterError> =>
  wrongText(key, show(value), expected)

/** `wrong` with the value as the message has it: for secrets, which never stand in a message. */
export const wrongText = (key: string, value: string, expected: string): Effect.Effect<never, ClusterError> =>
  Effect.fail(new ClusterError({ reason: new OptionInvalid({ key, value, expected }) }))

/** An object with keys: no list, no `Map`. */
export const isRecord = (value: unknown): value is Untyped =>
  typeof value === "object" && value !== null && !(Symbol.iterator in value)

export const aDuration = 'a duration such as "5 seconds", or a number of milliseconds'

const units = ["weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds", "nanoseconds"]

const isNumber = (value: unknown): boolean => typeof value === "number" && !Number.isNaN(value)

/** What `Duration` would take for zero is none here: not a number, a record without a unit. */
const isInput = (value: unknown): value is Duration.Input => {
  if (Duration.isDuration(value)) return true
  if (Array.isArray(value)) return value.length === 2 && value.every(isNumber)
  if (!isRecord(value)) return isNumber(value) || typeof value === "bigint" || typeof value === "string"
  const keys = Object.keys(value)
  return keys.length > 0 && keys.every((key) => units.includes(key) && isNumber(value[key]))
}

/** The milliseconds of a duration that is not negative, or `undefined`. */
export const millisOf = (value: unknown): number | undefined => {
  if (!isInput(value)) return undefined
  const duration = Duration.fromInput(value)
  if (duration._tag === "None") return undefined
  const millis = Duration.toMillis(duration.value)
  return millis >= 0 ? millis : undefined
}

export const millis = (key: string, value: unknown): Effect.Effect<number, ClusterError> => {
  const found = millisOf(value)
  return found === undefined ? wrong(key, value, aDuration) : Effect.succeed(found)
}

export const positive = (key: string, value: unknown, otherwise: number): Effect.Effect<number, ClusterError> => {
  if (value === undefined) return Effect.succeed(otherwise)
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0
    ? Effect.succeed(value)
    : wrong(key, value, "a whole number above 0")
}

export const flag = (key: string, value: unknown, otherwise: boolean): Effect.Effect<boolean, ClusterError> => {
  if (value === undefined) return Effect.succeed(otherwise)
  return typeof value === "boolean" ? Effect.succeed(value) : wrong(key, value, "true or false")
}

/** Fails with the first key that is none of the known ones. */
export const onlyKnown = (
  prefix: string,
  options: Untyped,
  known: ReadonlyArray<string>
): Effect.Effect<void, ClusterError> => {
  const found = OptionKeys.unknown(options, known, prefix)
  return found === undefined ? Effect.void : wrongText(found.key, "not an option", found.expected)
}
