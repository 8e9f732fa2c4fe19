import * as Address from "@gc/core/Address"
import { defaultPort } from "@gc/core/NameResolver"
import * as NodeName from "@gc/core/NodeName"
import * as OptionKeys from "@gc/core/OptionKeys"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { Options, Type } from "../Dns.ts"
import { OptionsInvalid } from "../ResolveError.ts"
import type * as Resolver from "../Resolver.ts"
import { literal, refuseName } from "./names.ts"
import { duration, resolverOptions } from "./settings.ts"

/** The options, read and with their defaults. */
export interface Settings {
  readonly domains: ReadonlyArray<string>
  readonly types: ReadonlyArray<Type>
  readonly hostType: "ip" | "hostname"
  readonly basename: string | undefined
  readonly port: number
  readonly protocol: string
  readonly lookupTimeout: Duration.Duration
  readonly refreshInterval: Duration.Duration | undefined
  readonly respectTtl: boolean
  readonly resolver: Resolver.Options
}

/** @internal */
export const maxDomains = 64

const own = ["domain", "type", "hostType", "basename", "port", "protocol", "refreshInterval", "respectTtl"] as const

const expected = (option: string, what: string) => new OptionsInvalid({ option, expected: what })

/** Reads options that may be anything. */
export const readOptions = Effect.fnUntraced(function* (options: Options): Effect.fn.Return<Settings, OptionsInvalid> {
  if (typeof options !== "object" || (options as unknown) === null) {
    return yield* expected("domain", 'options with a domain, such as { domain: "web.shop" }')
  }
  const unknown = OptionKeys.unknown(options, [...own, ...resolverOptions])
  if (unknown !== undefined) return yield* expected(unknown.key, unknown.expected)
  const types = yield* readTypes(options.type)
  const { basename, hostType, port = defaultPort, protocol = "tcp", respectTtl = false } = options
  if (hostType !== undefined && hostType !== "ip" && hostType !== "hostname") {
    return yield* expected("hostType", '"ip" or "hostname"')
  }
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return yield* expected("port", "a port from 1 to 65535")
  if (typeof protocol !== "string" || Result.isFailure(readProtocol(protocol))) {
    return yield* expected("protocol", aProtocol)
  }
  if (basename !== undefined && (typeof basename !== "string" || Result.isFailure(readBasename(basename)))) {
    return yield* expected("basename", aBasename)
  }
  if (typeof respectTtl !== "boolean") return yield* expected("respectTtl", "true or false")
  return {
    domains: yield* readDomains(options.domain),
    types,
    hostType: hostType ?? (types.every((type) => type === "SRV") ? "hostname" : "ip"),
    basename,
    port,
    protocol,
    lookupTimeout: (yield* duration("lookupTimeout", options.lookupTimeout)) ?? Duration.seconds(5),
    refreshInterval: yield* interval(options.refreshInterval),
    respectTtl,
    resolver: Object.fromEntries(resolverOptions.map((key) => [key, options[key]]))
  }
})

/** What is expected of the texts, for messages. @internal */
export const aProtocol = 'a protocol that the transport dials, such as "tcp"'
/** @internal */
export const aBasename = 'what stands before the "@" of the nodes\' names, such as "web"'
/** @internal */
export const anInterval = 'a time longer than none, such as "5 seconds", or "Infinity"'

/** @internal */
export const readProtocol = (text: string) => Address.parse(`${text}://rosa:1`)

/** @internal */
export const readBasename = (text: string) => NodeName.parse(`${text}@rosa`)

/** @internal */
export const isInterval = (length: Duration.Duration): boolean => Duration.toMillis(length) > 0

/** A domain or an address, or why it is none. @internal */
export const readDomain = (given: string): Result.Result<string, string> => {
  const text = given.trim()
  const address = literal(text)
  if (address !== undefined) {
    return Address.isUnspecified(address)
      ? Result.fail("nobody can dial it: somebody who can be dialed is wanted")
      : Result.succeed(address)
  }
  const refusal = /^[0-9.]+$/.test(text) ? "it is no IPv4 address" : refuseName(text)
  return refusal === undefined ? Result.succeed(text) : Result.fail(refusal)
}

const readTypes = Effect.fnUntraced(function* (
  given: Options["type"]
): Effect.fn.Return<ReadonlyArray<Type>, OptionsInvalid> {
  const all: ReadonlyArray<unknown> = given === undefined ? ["A", "AAAA"] : Array.isArray(given) ? given : [given]
  if (all.length > 0 && all.every(isType)) return [...new Set(all)]
  return yield* expected("type", '"A", "AAAA", "SRV", or a list of them')
})

const isType = (type: unknown): type is Type => type === "A" || type === "AAAA" || type === "SRV"

const readDomains = Effect.fnUntraced(function* (
  given: Options["domain"]
): Effect.fn.Return<ReadonlyArray<string>, OptionsInvalid> {
  const all: ReadonlyArray<unknown> = Array.isArray(given) ? given : [given]
  if (all.length === 0 || all.length > maxDomains) return yield* expected("domain", `1 to ${maxDomains} domains`)
  return yield* Effect.forEach(all, (domain) => {
    if (typeof domain !== "string") return expected("domain", 'a domain, such as "web.shop", or a list of them')
    return Effect.mapError(Effect.fromResult(readDomain(domain)), (why) =>
      expected("domain", `a domain, and not ${JSON.stringify(domain.slice(0, 300))}: ${why}`)
    )
  }).pipe(Effect.map((domains) => [...new Set(domains)]))
})

const interval = Effect.fnUntraced(function* (given: Options["refreshInterval"]) {
  if (given === undefined) return undefined
  const read = Duration.fromInput(given)
  if (Option.isSome(read) && isInterval(read.value)) return read.value
  return yield* expected("refreshInterval", anInterval)
})
