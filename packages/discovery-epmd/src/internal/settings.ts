import * as Address from "@gc/core/Address"
import * as OptionKeys from "@gc/core/OptionKeys"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type * as Client from "../Client.ts"
import type * as Daemon from "../Daemon.ts"
import type { Options, ResolverOptions } from "../Epmd.ts"
import { sizes } from "./codec.ts"

/** The options, checked and with their defaults. */
export interface Settings {
  readonly hosts: ReadonlyArray<string>
  readonly port: number
  readonly register: boolean
  readonly interval: Duration.Duration | undefined
  readonly timeout: Duration.Duration
  /** `undefined`: none is served. */
  readonly daemon: Daemon.Options | undefined
}

/** What is wrong with a program's options, which no compiler may have seen. */
class Wrong extends Error {}

const show = (value: unknown): string => {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 300))
  return typeof value === "number" || value === null ? String(value) : `a value of the type ${typeof value}`
}

const wrong = (key: string, value: unknown, what: string): never => {
  throw new Wrong(`option "${key}" is ${show(value)}: expected ${what}`)
}

const checkKeys = (options: object, known: ReadonlyArray<string>, prefix = ""): void => {
  const unknown = OptionKeys.unknown(options, known, prefix)
  if (unknown !== undefined) throw new Wrong(`"${unknown.key}" is no option: expected ${unknown.expected}`)
}

const object = (key: string, value: unknown): object =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? value : wrong(key, value, "an object")

const integer = (key: string, value: unknown, least: number, most: number): number =>
  typeof value === "number" && Number.isInteger(value) && value >= least && value <= most
    ? value
    : wrong(key, value, `a whole number from ${least} to ${most}`)

/** What is expected of a value, in messages and in the schema. */
export const expected = {
  time: 'a time above zero such as "5 seconds"',
  timer: 'a day at most, such as "60 seconds"',
  host: 'a host such as "127.0.0.1", "rosa" or "::1", without a port',
  askedHost: "a host that can be asked, such as 127.0.0.1",
  hosts: 'a list of at least one host, such as ["rosa", "hugo"]'
} as const

/** The most connections, and the most names, that a daemon may be given. */
export const mostOfDaemon = 1_000_000

export const isTime = (length: Duration.Duration): boolean => Duration.toMillis(length) > 0

/** A socket's timer takes no longer ones. */
export const isTimer = (length: Duration.Duration): boolean => isTime(length) && Duration.toDays(length) <= 1

const durationThat =
  (accepts: (length: Duration.Duration) => boolean, what: string) =>
  (key: string, value: unknown): Duration.Duration => {
    const read = Duration.fromInput(value as Duration.Input)
    return Option.isSome(read) && accepts(read.value) ? read.value : wrong(key, value, what)
  }

const duration = durationThat(isTime, expected.time)
const timer = durationThat(isTimer, expected.timer)

/** A host as an address has it, or `undefined`. */
export const readHost = (text: string): string | undefined => {
  const host = text.trim()
  const bracketed = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host
  return Result.getOrUndefined(Address.parse(`tcp://${bracketed}:1`))?.host
}

const hostOf = (key: string, value: unknown): string =>
  (typeof value === "string" ? readHost(value) : undefined) ?? wrong(key, value, expected.host)

const hostsOf = (value: unknown): ReadonlyArray<string> => {
  if (!Array.isArray(value) || value.length === 0) return wrong("hosts", value, expected.hosts)
  const hosts = value.map((each: unknown) => hostOf("hosts", each))
  const unspecified = hosts.find(Address.isUnspecified)
  if (unspecified !== undefined) return wrong("hosts", unspecified, expected.askedHost)
  return [...new Set(hosts)]
}

const daemonOf = (value: unknown): Daemon.Options | undefined => {
  if (value === false) return undefined
  if (value === true) return {}
  const given: Daemon.Options = object("daemon", value)
  checkKeys(given, daemonKeys, "daemon.")
  return limitsOf(given, "daemon.")
}

const daemonKeys = ["host", "maxConnections", "maxNames", "idleTimeout"]

const limitsOf = ({ host, idleTimeout, maxConnections, maxNames }: Daemon.Options, prefix = ""): Daemon.Options => ({
  ...(host !== undefined && { host: hostOf(`${prefix}host`, host) }),
  ...(idleTimeout !== undefined && { idleTimeout: timer(`${prefix}idleTimeout`, idleTimeout) }),
  ...(maxConnections !== undefined && {
    maxConnections: integer(`${prefix}maxConnections`, maxConnections, 1, mostOfDaemon)
  }),
  ...(maxNames !== undefined && { maxNames: integer(`${prefix}maxNames`, maxNames, 1, mostOfDaemon) })
})

const read = <A>(f: () => A): Result.Result<A, string> =>
  Result.try({ try: f, catch: (error) => (error instanceof Wrong ? error.message : `the options: ${String(error)}`) })

/** `port` is that of the environment. */
export const readSettings = (options: Options, port: number): Result.Result<Settings, string> =>
  read(() => {
    checkKeys(object("options", options), ["hosts", "port", "register", "interval", "timeout", "daemon"])
    const { daemon = true, hosts = ["127.0.0.1"], interval, register = true, timeout = "5 seconds" } = options
    return {
      hosts: hostsOf(hosts),
      port: integer("port", options.port ?? port, 1, 65_535),
      register: typeof register === "boolean" ? register : wrong("register", register, "true or false"),
      interval: interval === undefined ? undefined : duration("interval", interval),
      timeout: duration("timeout", timeout),
      daemon: daemonOf(daemon)
    }
  })

/** What the resolver needs. */
export interface ResolverSettings {
  readonly port: number
  readonly timeout: Duration.Duration
  readonly fallbackPort: number | undefined
}

export const readResolverSettings = (options: ResolverOptions, port: number): Result.Result<ResolverSettings, string> =>
  read(() => {
    checkKeys(object("options", options), ["port", "timeout", "fallbackPort"])
    const { fallbackPort, timeout = "2 seconds" } = options
    return {
      port: integer("port", options.port ?? port, 1, 65_535),
      timeout: duration("timeout", timeout),
      fallbackPort: fallbackPort === undefined ? undefined : integer("fallbackPort", fallbackPort, 1, 65_535)
    }
  })

/** What a daemon serves by; its port may be 0. */
export const readDaemonOptions = (options: Daemon.Options): Result.Result<Daemon.Options, string> =>
  read(() => {
    checkKeys(object("options", options), ["port", ...daemonKeys])
    const { port } = options
    return { ...limitsOf(options), ...(port !== undefined && { port: integer("port", port, 0, 65_535) }) }
  })

/** Which epmd a client asks, and how long. */
export const readEndpoint = (host: string, options: Client.Options, usualPort: number) =>
  read(() => {
    checkKeys(object("options", options), ["port", "timeout"])
    const { port = usualPort, timeout = "2 seconds" } = options
    return {
      host: isText(host, 255) ? host : wrong("host", host, 'a host such as "rosa"'),
      port: integer("port", port, 1, 65_535),
      timeout: duration("timeout", timeout)
    }
  })

/** What is to be registered, as it was given. */
export const readNode = (node: Client.Node): Result.Result<Client.Node, string> =>
  read(() => {
    const { extra, name, port } = object("node", node) as Client.Node
    if (!isText(name, sizes.name)) wrong("name", name, `1 to ${sizes.name} bytes without a NUL`)
    integer("port", port, 0, 65_535)
    if (extra !== undefined && !(extra instanceof Uint8Array && extra.length <= sizes.extra)) {
      wrong("extra", extra, `at most ${sizes.extra} bytes`)
    }
    return node
  })

/** A name to ask for. */
export const readAsked = (name: string): Result.Result<string, string> =>
  read(() =>
    isText(name, sizes.askedName) ? name : wrong("name", name, `1 to ${sizes.askedName} bytes without a NUL`)
  )

const isText = (value: unknown, most: number): value is string =>
  typeof value === "string" && value !== "" && !value.includes("\0") && Buffer.byteLength(value) <= most
