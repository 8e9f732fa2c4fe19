import * as Discovery from "@gc/core/Discovery"
import * as OptionKeys from "@gc/core/OptionKeys"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { Options } from "../Redis.ts"

/** The name of the source, in looks, errors and logs. */
export const name = "redis"

/** The options, checked and with their defaults. */
export interface Settings {
  /** With the password. */
  readonly url: Redacted.Redacted<string>
  /** Without it, for messages: `redis://rosa:6379`. */
  readonly server: string
  readonly prefix: string
  readonly lease: Duration.Duration
  readonly interval: Duration.Duration | undefined
  readonly timeout: Duration.Duration
}

/** What is expected of a value, in messages and in the schema. */
export const expected = {
  url: "redis://host:port, or rediss:// for TLS, such as redis://user:password@rosa:6379/0",
  prefix: 'a text of 1 to 64 characters such as "gc"',
  lease: 'a time from a second to a day such as "15 seconds"',
  time: 'a time above zero such as "5 seconds"'
} as const

/** The server of a URL without what is secret in it, or `undefined`. */
export const serverOf = (text: string): string | undefined => {
  if (!URL.canParse(text)) return undefined
  const { hostname, pathname, port, protocol } = new URL(text)
  const known = (protocol === "redis:" || protocol === "rediss:") && hostname !== "" && /^(\/\d*)?$/.test(pathname)
  return known ? `${protocol}//${hostname}:${port === "" ? 6379 : port}${pathname === "/" ? "" : pathname}` : undefined
}

export const isPrefix = (text: string): boolean => text.length > 0 && text.length <= 64

export const isLease = (length: Duration.Duration): boolean =>
  Duration.toMillis(length) >= 1_000 && Duration.toDays(length) <= 1

export const isTime = (length: Duration.Duration): boolean => Duration.toMillis(length) > 0

const keys = ["url", "prefix", "lease", "interval", "timeout"]

const refused = (detail: string) =>
  new Discovery.DiscoveryError({ source: name, reason: new Discovery.LookFailed({ detail }) })

/** The types of a program's options may have been seen by no compiler. */
export const readSettings = Effect.fnUntraced(function* (options: Options) {
  const unknown = OptionKeys.unknown(options, keys)
  if (unknown !== undefined) return yield* refused(`"${unknown.key}" is no option: expected ${unknown.expected}`)
  const {
    interval,
    lease = "15 seconds",
    prefix = "gc",
    timeout = "5 seconds",
    url = "redis://127.0.0.1:6379"
  } = options

  const text: unknown = Redacted.isRedacted(url) ? Redacted.value(url) : url
  const server = typeof text === "string" ? serverOf(text) : undefined
  // The value is not said: a password may stand in it.
  if (server === undefined) return yield* refused(`option "url" is wrong: expected ${expected.url}`)
  if (typeof prefix !== "string" || !isPrefix(prefix)) {
    return yield* refused(`option "prefix" is ${JSON.stringify(prefix)}: expected ${expected.prefix}`)
  }
  const settings: Settings = {
    url: Redacted.make(text as string),
    server,
    prefix,
    lease: yield* duration("lease", lease, isLease, expected.lease),
    interval: interval === undefined ? undefined : yield* duration("interval", interval, isTime, expected.time),
    timeout: yield* duration("timeout", timeout, isTime, expected.time)
  }
  return settings
})

const duration = (key: string, value: Duration.Input, accepts: (length: Duration.Duration) => boolean, what: string) =>
  Option.match(Option.filter(Duration.fromInput(value), accepts), {
    onNone: () => Effect.fail(refused(`option "${key}" is ${JSON.stringify(value)}: expected ${what}`)),
    onSome: Effect.succeed
  })
