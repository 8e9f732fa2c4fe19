/**
 * A client of epmd, the Erlang port mapper: who is registered on a host, at which port, and registering oneself.
 *
 * ```ts
 * import { Client } from "@gc/discovery-epmd"
 *
 * const registered = Client.names("rosa")
 * ```
 *
 * @since 0.1.0
 */
import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import type * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import type { Socket } from "node:net"
import { Dropped, type EpmdError, NameTaken } from "./EpmdError.ts"
import * as codec from "./internal/codec.ts"
import { type Endpoint, exchange, failure, invalid } from "./internal/exchange.ts"
import * as metrics from "./internal/metrics.ts"
import { readAsked, readEndpoint, readNode } from "./internal/settings.ts"

export * from "./EpmdError.ts"

/** The port that IANA gave to epmd. @category constants @since 0.1.0 */
export const defaultPort = 4369

/** The most names of one epmd that are believed: beyond, a listing fails. @category constants @since 0.1.0 */
export const maxNames = 4096

/** Settings of each question. @category models @since 0.1.0 */
export interface Options {
  /** Default: 4369. */
  readonly port?: number | undefined
  /** How long one question may take, its connection included. Default: 2 seconds. */
  readonly timeout?: Duration.Input | undefined
}

/** A line of the listing: nothing in it is proved. @category models @since 0.1.0 */
export interface Listed {
  readonly name: string
  readonly port: number
}

/**
 * What a node registers.
 *
 * **Details**
 *
 * `name` has 1 to 255 bytes of UTF-8, of which others can ask for at most 254; `extra` has at most 1,020 bytes and comes back
 * as it is. `hidden` nodes are listed like others; Erlang does not make them part of its mesh.
 *
 * @category models
 * @since 0.1.0
 */
export interface Node {
  readonly name: string
  readonly port: number
  /** Default: false. */
  readonly hidden?: boolean | undefined
  /** Default: empty. */
  readonly extra?: Uint8Array | undefined
}

/** What epmd says of a name. @category models @since 0.1.0 */
export interface Registered {
  readonly name: string
  readonly port: number
  readonly hidden: boolean
  /** 0 is TCP. */
  readonly protocol: number
  /** The versions of Erlang's distribution protocol that it speaks, both 0..65535. */
  readonly versions: readonly [lowest: number, highest: number]
  readonly extra: Uint8Array
}

/** A registration: it lives as long as its scope, and its epmd. @category models @since 0.1.0 */
export interface Registration {
  /** What epmd tells this life of the name from others by. */
  readonly creation: number
  /** Suspends until the registration is lost, which does not happen by the end of its scope. */
  readonly lost: Effect.Effect<EpmdError>
}

const checked = <A>(host: unknown, port: unknown, read: Result.Result<A, string>): Effect.Effect<A, EpmdError> =>
  Effect.mapError(Effect.fromResult(read), (detail) => invalid(host, port, detail))

const endpoint = (host: string, options: Options = {}): Effect.Effect<Endpoint, EpmdError> =>
  checked(host, options?.port, readEndpoint(host, options, defaultPort))

const latin1 = (text: string): string => Buffer.from(text).toString("latin1")
const utf8 = (bytes: string): string => Buffer.from(bytes, "latin1").toString()

const counted = <A, E, R>(request: string, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.andThen(Metric.update(Metric.withAttributes(metrics.questions, { request }), 1), effect)

/** Lines of the longest name, blanks and port. */
const maxListing = 4 + maxNames * (codec.sizes.name + 24)

/**
 * Every name at the epmd of a host, in no order.
 *
 * **Gotchas**
 *
 * Anybody on that host can register any name, with blanks and line ends in it: a line may be made up, and only `port` tells.
 *
 * @category constructors
 * @since 0.1.0
 */
export const names = (host: string, options?: Options): Effect.Effect<ReadonlyArray<Listed>, EpmdError> =>
  counted(
    "names",
    Effect.flatMap(endpoint(host, options), (at) =>
      exchange(at, {
        request: { _tag: "Names" },
        limit: maxListing,
        read: (bytes, ended) => {
          if (!ended || bytes.length === 0) return "more"
          const found = codec.decodeNames(bytes)
          if (found === undefined) throw new Error("it does not answer a list of names")
          if (found.lines.length > maxNames) throw new Error(`it lists more than ${maxNames} names`)
          return { done: found.lines.map(({ name, port }) => ({ name: utf8(name), port })) }
        }
      })
    )
  )

/**
 * What is registered under a name at the epmd of a host; names are compared bytewise.
 *
 * @category constructors
 * @since 0.1.0
 */
export const port = (
  name: string,
  host: string,
  options?: Options
): Effect.Effect<Option.Option<Registered>, EpmdError> =>
  counted(
    "port",
    Effect.gen(function* () {
      const at = yield* endpoint(host, options)
      const asked = latin1(yield* checked(host, at.port, readAsked(name)))
      return yield* exchange(at, {
        request: { _tag: "PortPlease2", name: asked },
        limit: 2 * codec.sizes.request,
        read: (bytes, ended) => {
          if (!ended || bytes.length === 0) return "more"
          const found = codec.decodePort(bytes)
          if (found === undefined) throw new Error("it does not answer a port")
          return { done: Option.map(Option.fromUndefinedOr(found.entry), toRegistered) }
        }
      })
    })
  )

const toRegistered = (entry: codec.Entry): Registered => ({
  name: utf8(entry.name),
  port: entry.port,
  hidden: entry.type === 72,
  protocol: entry.protocol,
  versions: [entry.lowest, entry.highest],
  extra: Buffer.from(entry.extra, "latin1")
})

/**
 * Registers a node until the scope closes: the socket stays open, and nothing is ever sent on it.
 *
 * **Details**
 *
 * Fails with the reason `NameTaken` when somebody alive has the name; a full epmd says the same. One whose owner died is free
 * again within milliseconds; a stopped one keeps it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const register = Effect.fnUntraced(function* (
  node: Node,
  host: string,
  options?: Options
): Effect.fn.Return<Registration, EpmdError, Scope.Scope> {
  const at = yield* endpoint(host, options)
  yield* checked(host, at.port, readNode(node))
  const lost = yield* Deferred.make<EpmdError>()
  let socket: Socket | undefined
  yield* Effect.addFinalizer(() => Effect.sync(() => socket?.destroy()))
  const { creation, ok } = yield* counted(
    "register",
    alive(at, node, (open) => {
      socket = open
      const end = (): void => {
        open.destroy()
        Deferred.doneUnsafe(lost, Effect.succeed(failure(at, new Dropped({}))))
      }
      open.on("data", end).on("end", end).on("close", end)
    })
  )
  if (ok) return { creation, lost: Deferred.await(lost) }
  socket?.destroy()
  return yield* failure(at, new NameTaken({ name: node.name }))
})

const alive = (at: Endpoint, node: Node, keep: (socket: Socket) => void) =>
  exchange(at, {
    request: {
      _tag: "Alive2",
      entry: {
        name: latin1(node.name),
        port: node.port,
        type: node.hidden === true ? 72 : 77,
        protocol: 0,
        highest: 6,
        lowest: 5,
        extra: Buffer.from(node.extra ?? []).toString("latin1")
      }
    },
    limit: codec.sizes.request,
    read: (bytes) => {
      const answer = codec.decodeAlive(bytes)
      if (answer === undefined) throw new Error("it does not answer a registration")
      return answer === "more" ? "more" : { done: answer }
    },
    keep
  })
