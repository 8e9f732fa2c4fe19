import * as Address from "@gc/core/Address"
import * as LocalAddress from "@gc/core/LocalAddress"
import type { LinkSecurity, SecurityMode } from "@gc/core/Transport"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { Options, TlsMaterial } from "../Tcp.ts"

interface Advertise {
  readonly host: string
  readonly port: number | undefined
}

/** Options with their defaults, checked. @internal */
export interface Settings {
  readonly host: string | undefined
  readonly port: number
  readonly advertise: Advertise | undefined
  readonly connectTimeout: Duration.Duration
  /** Milliseconds that an incoming TLS handshake may take: as long as a dial. */
  readonly handshakeTimeout: number
  /** Milliseconds of silence before the first probe; `undefined` for none. */
  readonly keepAlive: number | undefined
  readonly security: SecurityMode | undefined
  readonly tls: TlsMaterial | undefined
  readonly maxPending: number
  readonly highWaterMark: number
}

type Checked<A> = Result.Result<A, string>

/** @internal */
export const defaultPort = 4370

/** Node's timers know no longer delay. */
const maxTimer = 2 ** 31 - 1

const integer = (name: string, value: number, min: number, max: number): Checked<number> =>
  Number.isInteger(value) && value >= min && value <= max
    ? Result.succeed(value)
    : Result.fail(`${name} is ${value}, and an integer from ${min} to ${max} is expected`)

const duration = (name: string, input: Duration.Input): Checked<Duration.Duration> => {
  const parsed = Duration.fromInput(input)
  if (Option.isSome(parsed) && Duration.isPositive(parsed.value)) return Result.succeed(parsed.value)
  const given = typeof input === "object" ? JSON.stringify(input) : `${input}`
  return Result.fail(`${name} is ${given}, and a duration above 0 such as "5 seconds" is expected`)
}

const parseHost = (name: string, text: string): Checked<string> => {
  const bracketed = text.includes(":") && !text.startsWith("[") ? `[${text}]` : text
  return Result.mapBoth(Address.parse(`tcp://${bracketed}:1`), {
    onSuccess: (address) => address.host,
    onFailure: () => `${name} is "${text}", and a host name or an IP address is expected`
  })
}

/** `host`, `host:port`, `[::1]:port` or a bare IPv6 literal. */
const parseAdvertise = (text: string): Checked<Advertise> => {
  const expected = `advertise is "${text}", and a host or host:port that others can dial is expected`
  const withPort = /^(\[[^\]]*\]|[^:]*):([0-9]+)$/.exec(text)
  return Result.flatMap(parseHost("advertise", withPort?.[1] ?? text), (host): Checked<Advertise> => {
    if (Address.isUnspecified(host)) return Result.fail(`${expected}: nobody can dial an unspecified address`)
    if (withPort === null) return Result.succeed({ host, port: undefined })
    const port = Number(withPort[2])
    return port >= 1 && port <= 65_535 ? Result.succeed({ host, port }) : Result.fail(expected)
  })
}

const optional = <A, B>(value: A | undefined, check: (value: A) => Checked<B>): Checked<B | undefined> =>
  value === undefined ? Result.succeed(undefined) : check(value)

/** Fails with one sentence that names the option, its value and what is expected. @internal */
export const resolve = (options: Options): Checked<Settings> =>
  Result.gen(function* () {
    const connectTimeout = yield* duration("connectTimeout", options.connectTimeout ?? "5 seconds")
    const keepAlive = yield* duration("keepAlive", options.keepAlive ?? "15 seconds")
    return {
      host: yield* optional(options.host, (host) => parseHost("host", host)),
      port: yield* integer("port", options.port ?? defaultPort, 0, 65_535),
      advertise: yield* optional(options.advertise, parseAdvertise),
      connectTimeout,
      handshakeTimeout: Math.min(Duration.toMillis(connectTimeout), maxTimer),
      keepAlive: Duration.isFinite(keepAlive) ? Duration.toMillis(keepAlive) : undefined,
      security: options.security,
      tls: options.tls,
      maxPending: yield* integer("maxPending", options.maxPending ?? 64, 1, 65_536),
      highWaterMark: yield* integer("highWaterMark", options.highWaterMark ?? 262_144, 1, 2 ** 30)
    }
  })

/** A bare plain listener stays on loopback: anything else needs `allowPlaintext` said aloud. @internal */
export const bindHost = (settings: Settings, mode: SecurityMode, security: LinkSecurity): string =>
  settings.host ?? (mode === "plain" && !security.allowPlaintext ? "127.0.0.1" : "0.0.0.0")

/** What others dial, once the real port is known. @internal */
export const advertised = (settings: Settings, protocol: string, bound: string, port: number): Address.Address => {
  const advertise = settings.advertise
  if (advertise !== undefined) return Address.make(protocol, advertise.host, advertise.port ?? port)
  if (!Address.isUnspecified(bound)) return Address.make(protocol, bound, port)
  const loopback = bound.includes(":") ? "::1" : "127.0.0.1"
  return Address.make(
    protocol,
    Option.getOrElse(LocalAddress.firstExternal(), () => loopback),
    port
  )
}
