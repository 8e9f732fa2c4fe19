import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Address from "../../Address.ts"
import * as LocalAddress from "../../LocalAddress.ts"
import * as OptionKeys from "../../OptionKeys.ts"
import type { LinkSecurity, SecurityMode } from "../../Transport.ts"
import type { TlsMaterial } from "./tlsMaterial.ts"

/**
 * The options that transports over sockets have in common; all are optional. A transport may have more.
 *
 * @category models
 * @since 0.1.0
 */
export interface StreamOptions {
  /**
   * The host to bind to: an IP address of this machine or a name that resolves to one. Default: `0.0.0.0`; in plain mode
   * without `allowPlaintext` it is `127.0.0.1`, for nothing else is allowed there. `::` takes IPv4 as well.
   */
  readonly host?: string | undefined
  /** The port to bind to; 0 takes any free one, and the real one is advertised. Default: 4370. */
  readonly port?: number | undefined
  /**
   * What other nodes are told to dial: `host`, `host:port` or `[ipv6]:port`, where a port is left out the bound one.
   * Default: the bound host, or for `0.0.0.0` and `::` the first address of this machine that others can reach. An
   * unspecified address is never advertised, and refused here.
   */
  readonly advertise?: string | undefined
  /** How long a dial may take, TLS included. Default: 5 seconds. */
  readonly connectTimeout?: Duration.Input | undefined
  /** How long a connection is idle before TCP probes the other end; `Duration.infinity` never does. Default: 15 seconds. */
  readonly keepAlive?: Duration.Input | undefined
  /** Wins over what the cluster wants (`LinkSecurity.mode`). */
  readonly security?: SecurityMode | undefined
  /** Required in `mtls` mode, unused in others. */
  readonly tls?: TlsMaterial | undefined
  /**
   * How many incoming connections may wait: in their TLS handshake, or for `accept`. With one more one of them is dropped, by
   * the rule of `@gc/core/Pending`, never the newcomer. Default: 64.
   */
  readonly maxPending?: number | undefined
  /** `send` suspends while more than this many bytes are not written yet. Default: 262,144 (256 KiB). */
  readonly highWaterMark?: number | undefined
}

/** What others are told to dial: `undefined` stands for what is bound. @category models @since 0.1.0 */
export interface Advertise {
  readonly host: string
  readonly port: number | undefined
  readonly protocol?: string | undefined
  readonly path?: string | undefined
}

/** `StreamOptions` with their defaults, checked. @category models @since 0.1.0 */
export interface StreamSettings {
  readonly host: string | undefined
  readonly port: number
  readonly advertise: Advertise | undefined
  readonly connectTimeout: Duration.Duration
  /** Milliseconds that an incoming handshake may take: as long as a dial. */
  readonly handshakeTimeout: number
  /** Milliseconds of silence before the first probe; `undefined` for none. */
  readonly keepAlive: number | undefined
  readonly security: SecurityMode | undefined
  readonly tls: TlsMaterial | undefined
  readonly maxPending: number
  readonly highWaterMark: number
}

/** A value of an option, or one sentence that names the option, its value and what is expected. @category models @since 0.1.0 */
export type Checked<A> = Result.Result<A, string>

/** Where a node listens unless something else is said. @category options @since 0.1.0 */
export const defaultPort = 4370

/** Node's timers know no longer delay. */
const maxTimer = 2 ** 31 - 1

/** Options may come from programs that no compiler has seen. */
const show = (value: unknown): string => {
  if (typeof value === "function") return "a function"
  if (typeof value !== "string" && (typeof value !== "object" || value === null)) return String(value)
  try {
    return JSON.stringify(value).slice(0, 200)
  } catch {
    return "an object"
  }
}

/** What is said of a wrong value. @category options @since 0.1.0 */
export const wrong = (name: string, value: unknown, expected: string): Result.Result<never, string> =>
  Result.fail(`${name} is ${show(value)}, and ${expected} is expected`)

const onlyKnown = (options: object, known: ReadonlyArray<string>, prefix?: string): Checked<void> => {
  const found = OptionKeys.unknown(options, known, prefix)
  return found === undefined ? Result.void : Result.fail(`${found.key} is not an option: expected ${found.expected}`)
}

/** An object with keys: no list, no `Map`. @category options @since 0.1.0 */
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !(Symbol.iterator in value)

const integer = (name: string, value: unknown, min: number, max: number): Checked<number> =>
  typeof value === "number" && Number.isInteger(value) && value >= min && value <= max
    ? Result.succeed(value)
    : wrong(name, value, `an integer from ${min} to ${max}`)

/** What is expected of a time. @category options @since 0.1.0 */
export const aTime = 'a duration above 0 such as "5 seconds"'

const duration = (name: string, input: Duration.Input): Checked<Duration.Duration> => {
  const parsed = Duration.fromInput(input)
  return Option.isSome(parsed) && Duration.isPositive(parsed.value)
    ? Result.succeed(parsed.value)
    : wrong(name, input, aTime)
}

/** Numbers and their bounds. @category options @since 0.1.0 */
export const bounds = { maxPending: [1, 65_536], highWaterMark: [1, 2 ** 30] } as const

/** A host in canonical form, or `undefined` when the text is none. @category options @since 0.1.0 */
export const hostOf = (text: string): string | undefined => {
  const bracketed = text.includes(":") && !text.startsWith("[") ? `[${text}]` : text
  return Result.getOrUndefined(Address.parse(`tcp://${bracketed}:1`))?.host
}

const parseHost = (value: unknown): Checked<string> => {
  const host = typeof value === "string" ? hostOf(value) : undefined
  return host === undefined ? wrong("host", value, aHost) : Result.succeed(host)
}

/** What is expected of a host. @category options @since 0.1.0 */
export const aHost = "a host name or an IP address"

/** What is expected of `advertise`. @category options @since 0.1.0 */
export const anAdvertise = "a host or host:port that others can dial"

const parseAdvertise = (value: unknown, own: OwnOptions): Checked<Advertise> => {
  const read =
    typeof value === "string"
      ? (own.readAdvertise ?? readAdvertise)(value)
      : Result.fail(`it is of type ${typeof value}`)
  return Result.isSuccess(read)
    ? read
    : Result.mapError(
        wrong("advertise", value, own.anAdvertise ?? anAdvertise),
        (problem) => `${problem}: ${read.failure}`
      )
}

/** `host`, `host:port`, `[::1]:port` or a bare IPv6 literal; or why it is none. @category options @since 0.1.0 */
export const readAdvertise = (text: string): Result.Result<Advertise, string> => {
  const withPort = /^(\[[^\]]*\]|[^:]*):([0-9]+)$/.exec(text)
  const host = hostOf(withPort?.[1] ?? text)
  if (host === undefined) return Result.fail("that is no host")
  if (Address.isUnspecified(host)) return Result.fail("nobody can dial an unspecified address")
  if (withPort === null) return Result.succeed({ host, port: undefined })
  const port = Number(withPort[2])
  return port >= 1 && port <= 65_535 ? Result.succeed({ host, port }) : Result.fail("a port is 1 to 65535")
}

const modes: ReadonlyArray<unknown> = ["psk", "mtls", "plain"] satisfies ReadonlyArray<SecurityMode>

const parseSecurity = (value: unknown): Checked<SecurityMode> =>
  modes.includes(value) ? Result.succeed(value as SecurityMode) : wrong("security", value, "psk, mtls or plain")

const isPem = (value: unknown): boolean => typeof value === "string" || value instanceof Uint8Array

const revealed = (key: Redacted.Redacted<unknown>): unknown => {
  try {
    return Redacted.value(key)
  } catch {
    return undefined
  }
}

/** What a key says never stands in a message. */
const parseTls = (value: unknown): Checked<TlsMaterial> => {
  if (!isRecord(value)) {
    const given = value === null ? "null" : `a value of type ${typeof value}`
    return Result.fail(`tls is ${given}, and { cert, key, ca } is expected`)
  }
  const unknown = onlyKnown(value, ["cert", "key", "ca"], "tls.")
  if (Result.isFailure(unknown)) return Result.fail(unknown.failure)
  const { ca, cert, key } = value
  const problem = (name: string, expected: string): Checked<TlsMaterial> =>
    Result.fail(
      `tls.${name} is ${value[name] === undefined ? "absent" : "something else"}, and ${expected} is expected`
    )
  if (!isPem(cert)) return problem("cert", "PEM as a text or bytes")
  if (!Redacted.isRedacted(key)) return problem("key", "Redacted.make(pem), with PEM as a text or bytes")
  if (!isPem(revealed(key))) return problem("key", "PEM as a text or bytes within Redacted")
  if (Array.isArray(ca) ? ca.length === 0 || !ca.every(isPem) : !isPem(ca)) {
    return problem("ca", "PEM as a text or bytes, or a list of them")
  }
  return Result.succeed(value as unknown as TlsMaterial)
}

/** Checks what is not `undefined`. @category options @since 0.1.0 */
const optional = <A, B>(value: A | undefined, check: (value: A) => Checked<B>): Checked<B | undefined> =>
  value === undefined ? Result.succeed(undefined) : check(value)

const known = Object.keys({
  host: 1,
  port: 1,
  advertise: 1,
  connectTimeout: 1,
  keepAlive: 1,
  security: 1,
  tls: 1,
  maxPending: 1,
  highWaterMark: 1
} satisfies Record<keyof StreamOptions, 1>)

/** Where a transport has more than the common options. @category models @since 0.1.0 */
export interface OwnOptions {
  readonly names?: ReadonlyArray<string>
  /** Reads `advertise`, or says why not. Default: `readAdvertise`. */
  readonly readAdvertise?: (text: string) => Checked<Advertise>
  readonly anAdvertise?: string
}

/** Fails with one sentence that names the option, its value and what is expected. @category options @since 0.1.0 */
export const resolve = (options: StreamOptions, own: OwnOptions = {}): Checked<StreamSettings> =>
  Result.gen(function* () {
    const given: unknown = options
    if (!isRecord(given)) return yield* wrong("the options object", options, "an object such as { port: 4370 }")
    yield* onlyKnown(given, [...known, ...(own.names ?? [])])
    const { highWaterMark = 262_144, maxPending = 64, port = defaultPort } = options
    const { connectTimeout: dialing = "5 seconds", keepAlive: idle = "15 seconds" } = options
    const connectTimeout = yield* duration("connectTimeout", dialing)
    const keepAlive = yield* duration("keepAlive", idle)
    return {
      host: yield* optional(options.host, parseHost),
      port: yield* integer("port", port, 0, 65_535),
      advertise: yield* optional(options.advertise, (value) => parseAdvertise(value, own)),
      connectTimeout,
      handshakeTimeout: Math.min(Duration.toMillis(connectTimeout), maxTimer),
      keepAlive: Duration.isFinite(keepAlive) ? Duration.toMillis(keepAlive) : undefined,
      security: yield* optional(options.security, parseSecurity),
      tls: yield* optional(options.tls, parseTls),
      maxPending: yield* integer("maxPending", maxPending, ...bounds.maxPending),
      highWaterMark: yield* integer("highWaterMark", highWaterMark, ...bounds.highWaterMark)
    }
  })

/** A bare plain listener stays on loopback: anything else needs `allowPlaintext` said aloud. @category options @since 0.1.0 */
export const bindHost = (
  settings: { readonly host: string | undefined },
  mode: SecurityMode,
  security: LinkSecurity
): string => settings.host ?? (mode === "plain" && !security.allowPlaintext ? "127.0.0.1" : "0.0.0.0")

/** What others dial, once the real port is known. @category options @since 0.1.0 */
export const advertised = (
  settings: { readonly advertise: Advertise | undefined },
  protocol: string,
  bound: string,
  port: number,
  path = ""
): Address.Address => {
  const { host, path: own = path, port: told = port, protocol: said = protocol } = settings.advertise ?? {}
  if (host !== undefined) return Address.make(said, host, told, own)
  if (!Address.isUnspecified(bound)) return Address.make(protocol, bound, port, path)
  const loopback = bound.includes(":") ? "::1" : "127.0.0.1"
  return Address.make(
    protocol,
    Option.getOrElse(LocalAddress.firstExternal(), () => loopback),
    port,
    path
  )
}
