/**
 * A resolver of DNS that tells *there is no such name* from *nobody knows*.
 *
 * ```ts
 * const resolver = yield* Resolver.make({ servers: ["10.0.0.2"] })
 * const { records } = yield* resolver.resolve("_gc._tcp.web.shop.svc.cluster.local.", "SRV")
 * ```
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { Standing } from "./internal/attempts.ts"
import { configurationOf } from "./internal/settings.ts"
import { lookUp } from "./internal/lookUp.ts"
import type { OptionsInvalid, ResolveError } from "./ResolveError.ts"

export * from "./ResolveError.ts"

/** What can be asked. @category models @since 0.1.0 */
export type RecordType = "A" | "AAAA" | "PTR" | "SRV"

/**
 * An SRV record (RFC 2782). The target is in lower case and has no dot at its end; when it is empty (`.` in the zone) the
 * service is not there.
 *
 * @category models
 * @since 0.1.0
 */
export interface Srv {
  readonly target: string
  readonly port: number
  readonly priority: number
  readonly weight: number
}

/** The records of each type: addresses as text, names, `Srv`. @category models @since 0.1.0 */
export interface Records {
  readonly A: string
  readonly AAAA: string
  readonly PTR: string
  readonly SRV: Srv
}

/**
 * What is known of a name.
 *
 * **Details**
 *
 * - `outcome`: `Found`; `NoData`, the name exists and has no such record; `NoName`, there is no such name (NXDOMAIN).
 * - `asked` is the name with the search domain that held, `name` the one behind its aliases.
 * - `records` are in the order of the server, which may change with each question.
 * - `additional` are the addresses of other names that the server sent along.
 * - `ttl` is the smallest on the way, in seconds; absent without records.
 *
 * @category models
 * @since 0.1.0
 */
export interface Answer<Type extends RecordType = RecordType> {
  readonly type: Type
  readonly outcome: "Found" | "NoData" | "NoName"
  readonly asked: string
  readonly name: string
  readonly records: ReadonlyArray<Records[Type]>
  readonly additional: ReadonlyArray<Additional>
  readonly ttl: number | undefined
  readonly server: string
}

/** The address of another name, which a server sent along; `ttl` in seconds. @category models @since 0.1.0 */
export interface Additional {
  readonly name: string
  readonly type: "A" | "AAAA"
  readonly address: string
  readonly ttl: number
}

/**
 * Whom to ask, and how. Without `servers` all of it comes from the system's resolv.conf(5), which is read again when it
 * changed; what is given here wins.
 *
 * **Details**
 *
 * `/etc/hosts` is not looked at, nor are the variables `LOCALDOMAIN` and `RES_OPTIONS`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** IP addresses with or without a port: `10.0.0.2`, `10.0.0.2:5353`, `[::1]:5353`; at most 16. No file is read then. */
  readonly servers?: ReadonlyArray<string> | undefined
  /** Domains to try a name in; at most 32. Default: the file's; with `servers`, none. */
  readonly search?: ReadonlyArray<string> | undefined
  /** With so many dots a name is first asked as it is. 0..15; default: the file's, or 1. */
  readonly ndots?: number | undefined
  /** How often each server is asked. 1..5; default: the file's, or 2. */
  readonly attempts?: number | undefined
  /** After which silence the next server is asked, too; twice that in the second round. Default: the file's, or 1 second. */
  readonly patience?: Duration.Input | undefined
  /** Whether each question begins with another server. Default: the file's, or not. */
  readonly rotate?: boolean | undefined
  /** The file to read. Default: `/etc/resolv.conf`. */
  readonly resolvConf?: string | undefined
  /** How long one look may take in all. Default: 5 seconds. */
  readonly lookupTimeout?: Duration.Input | undefined
}

/**
 * A resolver.
 *
 * **Details**
 *
 * - `resolve` asks for one type. With search domains the first name that has records counts.
 * - `resolveTypes` asks for several types of one name at once: the first name that has any of them counts for all, so that two
 *   types never come from two domains. The answers are in the order of the types.
 * - Both fail when nobody answered a question about the name that counts, or about any name when none has records; part of an
 *   answer is never given out. A name in a search domain counts only when those before it have no records: where one fails the
 *   whole fails, other than in libc; where one is refused the next is asked. A dot at the end of a name asks for it as it stands.
 * - `timeout` is that of the whole call; default: `lookupTimeout`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Resolver {
  readonly resolve: <Type extends RecordType>(
    name: string,
    type: Type,
    options?: { readonly timeout?: Duration.Input | undefined }
  ) => Effect.Effect<Answer<Type>, ResolveError>
  readonly resolveTypes: (
    name: string,
    types: ReadonlyArray<RecordType>,
    options?: { readonly timeout?: Duration.Input | undefined }
  ) => Effect.Effect<ReadonlyArray<Answer>, ResolveError>
}

/** How long a look may take unless said otherwise. @category constants @since 0.1.0 */
export const defaultLookupTimeout: Duration.Duration = Duration.seconds(5)

/**
 * A resolver. It holds no socket between questions: each question has a port of its own.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* (options: Options = {}): Effect.fn.Return<Resolver, OptionsInvalid> {
  const configuration = yield* configurationOf(options)
  const standing = new Standing()
  const usual = options.lookupTimeout ?? defaultLookupTimeout
  const resolveTypes: Resolver["resolveTypes"] = (name, types, { timeout = usual } = {}) =>
    lookUp({ name, types, configuration, standing, timeout: Duration.fromInputUnsafe(timeout) })
  const resolver: Resolver = {
    resolveTypes,
    resolve: <Type extends RecordType>(
      name: string,
      type: Type,
      given?: { readonly timeout?: Duration.Input | undefined }
    ) => Effect.map(resolveTypes(name, [type], given), ([answer]) => answer as Answer<Type>)
  }
  return resolver
})
