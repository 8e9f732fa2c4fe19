import * as OptionKeys from "@gc/core/OptionKeys"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { isIP, isMulticast } from "./ip.ts"
import type { Options } from "../Gossip.ts"

/** Options with their defaults, checked; times in milliseconds. @internal */
export interface Settings {
  readonly port: number
  readonly family: "IPv4" | "IPv6"
  readonly bindTo: string
  /** Without its zone; `undefined` for the broadcast address of each interface. */
  readonly target: string | undefined
  readonly ttl: number
  readonly broadcast: boolean
  /** Names and addresses, all of them, or (`undefined`) the one that the routing table says. */
  readonly interfaces: ReadonlyArray<string> | "all" | undefined
  readonly shortest: number
  readonly longest: number
  readonly lifetime: number
  readonly format: "gc" | "libcluster"
  readonly secret: string | undefined
  readonly insecure: boolean
}

/** The settings of one run. @internal */
export interface RunSettings extends Settings {
  /** Whether this node is to be found, or only listens. */
  readonly announce: boolean
}

/** What is wrong with the options: the option, its value as a message may show it, and what is expected. @internal */
export interface Wrong {
  readonly key: string
  readonly value: string
  readonly expected: string
}

type Checked<A> = Result.Result<A, Wrong>

/** @internal */
export const sentence = ({ expected, key, value }: Wrong): string =>
  `${key === "" ? "the options are" : `option "${key}" is`} ${value}: expected ${expected}`

const known = [
  "port",
  "ifAddr",
  "multicastAddr",
  "multicastTtl",
  "multicastIf",
  "broadcastOnly",
  "interval",
  "lifetime",
  "format",
  "secret",
  "insecure"
]

/** Longer ones are no rhythm, and no timer of Node's. */
const maxMillis = 86_400_000

const show = (value: unknown): string => {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 100))
  return typeof value === "object" && value !== null ? "an object" : String(value as number)
}

const wrong = (key: string, value: unknown, expected: string): Checked<never> => wrongText(key, show(value), expected)

/** `wrong` with the value as the message has it. */
const wrongText = (key: string, value: string, expected: string): Checked<never> =>
  Result.fail({ key, value, expected })

/** @internal */
export const readOptions = (given: Options): Checked<Settings> => {
  const all: unknown = given
  if (typeof all !== "object" || all === null) {
    return wrongText("", "no object", "{ port: 45892 }, or another option")
  }
  const unknown = OptionKeys.unknown(given, known)
  if (unknown !== undefined) return wrongText(unknown.key, "not an option", unknown.expected)
  const port: unknown = given.port ?? 45_892
  if (typeof port !== "number" || !Number.isInteger(port) || port < 1 || port > 65_535) {
    return wrong("port", port, "a port, 1..65535")
  }
  const ttl: unknown = given.multicastTtl ?? 1
  if (typeof ttl !== "number" || !Number.isInteger(ttl) || ttl < 0 || ttl > 255) {
    return wrong("multicastTtl", ttl, "a number of routers and one, 0..255")
  }
  for (const key of ["broadcastOnly", "insecure"] as const) {
    const flag: unknown = given[key] ?? false
    if (typeof flag !== "boolean") return wrong(key, flag, "true or false")
  }
  return Result.gen(function* () {
    return {
      port,
      ttl,
      broadcast: given.broadcastOnly ?? false,
      ...(yield* readPlace(given)),
      ...(yield* readRhythm(given)),
      ...(yield* readFormat(given))
    }
  })
}

/** A rule about options that are each right by themselves. @internal */
export type Rule = (given: Options) => Checked<unknown>

/** @internal */
export const rules = (): readonly [Rule, ...ReadonlyArray<Rule>] => [readPlace, readRhythm, readFormat]

const readPlace = (given: Options) =>
  Result.gen(function* () {
    const broadcast = given.broadcastOnly ?? false
    const { address: target, family, zone } = yield* readGroup(given.multicastAddr, broadcast)
    const interfaces = yield* readInterfaces(given.multicastIf, zone, broadcast)
    const bindTo: unknown = given.ifAddr ?? (family === "IPv6" ? "::" : "0.0.0.0")
    if (typeof bindTo !== "string" || isIP(bindTo) !== family) {
      return yield* wrong("ifAddr", bindTo, `an ${family} address, as the group is one`)
    }
    return { family, bindTo, target, interfaces }
  })

const readGroup = (given: unknown, broadcast: boolean) => {
  if (given === undefined) {
    return Result.succeed({ address: broadcast ? undefined : "230.1.1.251", family: "IPv4" as const, zone: undefined })
  }
  const group = typeof given === "string" ? readAddress(given) : undefined
  if (group === undefined) return wrong("multicastAddr", given, aGroup)
  const { address, family, zone } = group
  if (broadcast && (family === "IPv6" || isMulticast(address))) {
    return wrong("multicastAddr", given, "an IPv4 broadcast address where broadcastOnly is true, or none at all")
  }
  if (!broadcast && !isMulticast(address)) {
    return wrong(
      "multicastAddr",
      given,
      "a group, 224.0.0.0 to 239.255.255.255 or ff00::/8, unless broadcastOnly is true"
    )
  }
  return Result.succeed({ address, family, zone })
}

/** @internal */
export const aGroup = "an IPv4 or IPv6 address, such as 230.1.1.251 or ff02::4370%eth0"

/** An address, an IPv6 one perhaps with its zone. @internal */
export const readAddress = (text: string) => {
  const [address = "", zone, ...rest] = text.split("%")
  const family = isIP(address)
  if (family === undefined || rest.length > 0 || zone === "" || (zone !== undefined && family === "IPv4")) {
    return undefined
  }
  return { address, family, zone }
}

const maxInterfaces = 32

/** @internal */
export const anInterface = `the name or address of an interface, a list of 1 to ${maxInterfaces} of them, or "all"`

const readInterfaces = (
  given: unknown,
  zone: string | undefined,
  broadcast: boolean
): Checked<Settings["interfaces"]> => {
  if (given === undefined) return Result.succeed(zone === undefined ? (broadcast ? "all" : undefined) : [zone])
  if (given === "all") return Result.succeed("all")
  const list: ReadonlyArray<unknown> = Array.isArray(given) ? given : [given]
  const names = list.filter((each): each is string => typeof each === "string" && each !== "" && each !== "all")
  if (names.length === 0 || names.length !== list.length || names.length > maxInterfaces) {
    return wrong("multicastIf", given, anInterface)
  }
  return Result.succeed([...new Set(names)])
}

/** @internal */
export const aTime = 'a duration of 10 milliseconds to a day, such as "5 seconds"'

/** @internal */
export const isTime = (length: Duration.Duration): boolean => {
  const value = Duration.toMillis(length)
  return value >= 10 && value <= maxMillis
}

const millis = (key: string, given: Duration.Input): Checked<number> => {
  const read = Duration.fromInput(given)
  return Option.isSome(read) && isTime(read.value)
    ? Result.succeed(Duration.toMillis(read.value))
    : wrong(key, given, aTime)
}

const readRhythm = (given: Options) =>
  Result.gen(function* () {
    const { interval } = given
    const between = interval === undefined ? undefined : yield* millis("interval", interval)
    const [shortest, longest] = between === undefined ? [1, 5_000] : [between * 0.8, between * 1.2]
    const usual = Math.max(30_000, 6 * longest)
    const lifetime = given.lifetime === undefined ? usual : yield* millis("lifetime", given.lifetime)
    if (lifetime < 3 * longest) {
      const least = `at least ${Math.ceil(3 * longest)} milliseconds: three of the longest intervals`
      return yield* wrong("lifetime", given.lifetime, `${least}, so that lost packets forget nobody`)
    }
    return { shortest, longest, lifetime }
  })

const readFormat = (given: Options) => {
  const format: unknown = given.format ?? "gc"
  const secret: unknown = given.secret
  const insecure = given.insecure ?? false
  if (format !== "gc" && format !== "libcluster") return wrong("format", format, `"gc" or "libcluster"`)
  if (secret !== undefined && format === "gc") {
    return wrongText("secret", "given", `none with the format "gc", which takes the cluster's cookie`)
  }
  const text = Redacted.isRedacted(secret) ? Redacted.value(secret) : secret
  if (text !== undefined && (!Redacted.isRedacted(secret) || typeof text !== "string" || text === "")) {
    return wrongText("secret", "wrong", "a Redacted text that is not empty")
  }
  if (format === "libcluster" && !insecure) {
    const why = `format "libcluster" needs insecure: true, as its beacons prove nothing, with a secret neither`
    return wrong("insecure", insecure, `true (${why}), or the format "gc" where only gc nodes share the group`)
  }
  return Result.succeed({ format, secret: text as string | undefined, insecure } as const)
}
