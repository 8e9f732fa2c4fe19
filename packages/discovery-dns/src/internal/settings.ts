import * as OptionKeys from "@gc/core/OptionKeys"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { type ConfigurationUnreadable, OptionsInvalid } from "../ResolveError.ts"
import type { Options } from "../Resolver.ts"
import { fromFile } from "./configurations.ts"
import { refuseName, withoutDot } from "./names.ts"
import { type Configuration, defaults, limits } from "./resolvConf.ts"
import { parseServer, type Server } from "./servers.ts"

/** @internal */
export const maxServers = 16

/** Every option of a resolver. */
export const resolverOptions = [
  "servers",
  "search",
  "ndots",
  "attempts",
  "patience",
  "rotate",
  "resolvConf",
  "lookupTimeout"
] as const

/** What a resolver goes by, read from the options once and from the file each time. The options may be anything. */
export const configurationOf = Effect.fnUntraced(function* (
  options: Options
): Effect.fn.Return<Effect.Effect<Configuration, ConfigurationUnreadable>, OptionsInvalid> {
  if (typeof options !== "object" || (options as unknown) === null) {
    return yield* expected("servers", 'options, such as { servers: ["10.0.0.2"] }, or none')
  }
  const unknown = OptionKeys.unknown(options, resolverOptions)
  if (unknown !== undefined) {
    return yield* new OptionsInvalid({ option: unknown.key, expected: unknown.expected })
  }
  const given: Readonly<Record<(typeof resolverOptions)[number], unknown>> = { ...none, ...options }
  const servers = given.servers === undefined ? undefined : yield* readServers(given.servers)
  const search = given.search === undefined ? undefined : yield* readSearch(given.search)
  const patience = yield* duration("patience", given.patience)
  yield* duration("lookupTimeout", given.lookupTimeout)
  const said: Partial<Configuration> = {
    ...(servers === undefined ? {} : { servers }),
    ...(search === undefined ? {} : { search }),
    ...(yield* whole("ndots", given.ndots, 0, limits.ndots)),
    ...(yield* whole("attempts", given.attempts, 1, limits.attempts)),
    ...(patience === undefined ? {} : { tryMillis: Math.min(Duration.toMillis(patience), limits.tryMillis) })
  }
  if (given.rotate !== undefined && typeof given.rotate !== "boolean") return yield* expected("rotate", "true or false")
  const path = given.resolvConf ?? "/etc/resolv.conf"
  if (typeof path !== "string" || path === "") return yield* expected("resolvConf", "the path of a file")
  const all = given.rotate === undefined ? said : { ...said, rotate: given.rotate }
  if (servers !== undefined) return Effect.succeed({ ...defaults, ...all })
  return Effect.map(fromFile(path), (file) => ({ ...file, ...all }))
})

const none = Object.fromEntries(resolverOptions.map((key) => [key, undefined])) as Record<
  (typeof resolverOptions)[number],
  undefined
>

const expected = (option: string, what: string) => new OptionsInvalid({ option, expected: what })

const texts = (given: unknown): ReadonlyArray<string> | undefined =>
  Array.isArray(given) && given.every((each) => typeof each === "string") ? given : undefined

const readServers = Effect.fnUntraced(function* (
  given: unknown
): Effect.fn.Return<ReadonlyArray<Server>, OptionsInvalid> {
  const list = texts(given)
  if (list === undefined || list.length === 0 || list.length > maxServers) {
    return yield* expected("servers", `1 to ${maxServers} IP addresses, such as ["10.0.0.2", "[::1]:5353"]`)
  }
  return yield* Effect.forEach(list, (text) =>
    Effect.fromResult(
      Result.mapError(parseServer(text), (what) => expected("servers", `${what}, and not ${JSON.stringify(text)}`))
    )
  )
})

const readSearch = Effect.fnUntraced(function* (
  given: unknown
): Effect.fn.Return<ReadonlyArray<string>, OptionsInvalid> {
  const list = texts(given)
  if (list === undefined || list.length > limits.search) {
    return yield* expected("search", `at most ${limits.search} domains, such as ["shop.svc.cluster.local"]`)
  }
  for (const domain of list) {
    const refusal = refuseName(domain)
    if (refusal !== undefined)
      return yield* expected("search", `domains, and not ${JSON.stringify(domain)}: ${refusal}`)
  }
  return list.map(withoutDot)
})

const whole = Effect.fnUntraced(function* <Key extends "ndots" | "attempts">(
  option: Key,
  given: unknown,
  least: number,
  most: number
): Effect.fn.Return<Partial<Record<Key, number>>, OptionsInvalid> {
  if (given === undefined) return {}
  if (typeof given === "number" && Number.isInteger(given) && given >= least && given <= most) {
    return { [option]: given } as Record<Key, number>
  }
  return yield* expected(option, `a whole number from ${least} to ${most}`)
})

/** A time that is longer than none, and not infinite. */
export const duration = Effect.fnUntraced(function* (
  option: string,
  given: unknown
): Effect.fn.Return<Duration.Duration | undefined, OptionsInvalid> {
  if (given === undefined) return undefined
  const read = Duration.fromInput(given as Duration.Input)
  if (Option.isSome(read) && isTime(read.value)) return read.value
  return yield* expected(option, aTime)
})

/** @internal */
export const aTime = 'a time longer than none, such as "5 seconds"'

/** @internal */
export const isTime = (length: Duration.Duration): boolean => Duration.isFinite(length) && Duration.toMillis(length) > 0
