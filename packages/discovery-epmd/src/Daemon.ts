/**
 * A daemon that answers as Erlang's epmd does, bounded, for hosts that have none.
 *
 * ```ts
 * import { Daemon } from "@gc/discovery-epmd"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.scoped(Effect.andThen(Daemon.serve(), Effect.never))
 * ```
 *
 * @since 0.1.0
 */
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type * as Scope from "effect/Scope"
import { createServer, type Server } from "node:net"
import { defaultPort } from "./Client.ts"
import { BindFailed, EpmdError } from "./EpmdError.ts"
import { Connection } from "./internal/connection.ts"
import { codeOf, invalid } from "./internal/exchange.ts"
import * as metrics from "./internal/metrics.ts"
import { readDaemonOptions } from "./internal/settings.ts"
import { Table } from "./internal/table.ts"

export * from "./EpmdError.ts"

/** Every setting of a daemon; each is optional. @category models @since 0.1.0 */
export interface Options {
  /**
   * Where others find it; 127.0.0.1 is always served, too. Default: `"127.0.0.1"`. Beyond this host anybody may list names and
   * ask for ports; only this host may register.
   */
  readonly host?: string | undefined
  /** Default: 4369. 0 takes a free one. */
  readonly port?: number | undefined
  /**
   * Connections at once, registrations included; beyond, the oldest one without a name is closed. 32 of them, or a quarter of
   * fewer than 128, are left to those who ask. Default: 1,024.
   */
  readonly maxConnections?: number | undefined
  /** Default: as many as connections may be registrations, 992. */
  readonly maxNames?: number | undefined
  /** A connection without a name that is silent as long is closed. Default: 60 seconds, as Erlang's `packet_timeout`. */
  readonly idleTimeout?: Duration.Input | undefined
}

/** A daemon that serves as long as its scope is open. @category models @since 0.1.0 */
export interface Daemon {
  readonly port: number
  /** How many names are registered now. */
  readonly names: Effect.Effect<number>
  /** Suspends until somebody on this host ended it by KILL, which works only while there are no names. */
  readonly killed: Effect.Effect<void>
}

/**
 * Serves until the scope closes; then every registration is lost at once.
 *
 * **Details**
 *
 * Fails with the reason `BindFailed`, and the code `EADDRINUSE` where an epmd or another daemon has the port.
 *
 * @category constructors
 * @since 0.1.0
 */
export const serve = Effect.fnUntraced(function* (
  given: Options = {}
): Effect.fn.Return<Daemon, EpmdError, Scope.Scope> {
  const options = yield* Effect.mapError(Effect.fromResult(readDaemonOptions(given)), (detail) =>
    invalid(given?.host ?? loopback, given?.port, detail)
  )
  const host = options.host ?? loopback
  const context = yield* Effect.context<never>()
  const killed = yield* Deferred.make<void>()
  const maxConnections = options.maxConnections ?? 1024
  const now = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
  const state = {
    table: new Table(Math.min(options.maxNames ?? Infinity, maxRegistrations(maxConnections)), Math.floor(now / 1000)),
    connections: new Set<Connection>(),
    servers: [] as Array<Server>,
    handles: 0
  }
  const close = (): void => {
    for (const server of state.servers) server.close()
    for (const connection of state.connections) connection.destroy()
  }
  const attend = (server: Server, port: number): void => {
    const count = (reason: string) => Metric.withAttributes(metrics.daemonDropped, { reason }).updateUnsafe(1, context)
    const owner = {
      table: state.table,
      port,
      idleTimeout: Duration.toMillis(Duration.fromInputUnsafe(options.idleTimeout ?? Duration.seconds(60))),
      answered: ({ _tag: request }: { readonly _tag: string }) =>
        Metric.withAttributes(metrics.daemonRequests, { request }).updateUnsafe(1, context),
      dropped: count,
      changed: () => metrics.daemonNames.updateUnsafe(state.table.size, context),
      stop: () => {
        close()
        Deferred.doneUnsafe(killed, Effect.void)
      }
    }
    server.on("connection", (socket) => {
      if (state.connections.size >= maxConnections) {
        count("full")
        const oldest = [...state.connections].find((connection) => !connection.registered)
        if (oldest === undefined) return socket.destroy()
        oldest.destroy()
        state.connections.delete(oldest)
      }
      const connection = new Connection(socket, ++state.handles, owner)
      state.connections.add(connection)
      socket.on("close", () => state.connections.delete(connection))
    })
    // Too many open files, say: it goes on.
    server.on("error", (error) => count(codeOf(error)))
  }
  return yield* Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      yield* Effect.addFinalizer(() => Effect.sync(close))
      let port = options.port ?? defaultPort
      for (const each of hostsOf(host)) {
        const server = createServer({ noDelay: true })
        state.servers.push(server)
        port = yield* restore(bind(server, each, port))
        attend(server, port)
      }
      metrics.daemons.modifyUnsafe(1, context)
      yield* Effect.addFinalizer(() => Effect.sync(() => metrics.daemons.modifyUnsafe(-1, context)))
      return { port, names: Effect.sync(() => state.table.size), killed: Deferred.await(killed) }
    })
  )
})

/** Registrations alone must not take every connection: nobody could ask any more. */
const maxRegistrations = (maxConnections: number): number =>
  Math.max(1, maxConnections - Math.max(1, Math.min(32, Math.floor(maxConnections / 4))))

const loopback = "127.0.0.1"

/** Whoever has 127.0.0.1 is the daemon of this host. `0.0.0.0` and `::` have it, too. */
const hostsOf = (host: string): ReadonlyArray<string> =>
  host === loopback || host === "0.0.0.0" || host === "::" ? [host] : [loopback, host]

const bind = (server: Server, host: string, port: number): Effect.Effect<number, EpmdError> =>
  Effect.callback((resume) => {
    const refused = (error: Error) =>
      resume(Effect.fail(new EpmdError({ host, port, reason: new BindFailed({ code: codeOf(error) }) })))
    server.once("error", refused)
    // Exclusive: workers of node:cluster would otherwise share one port.
    server.listen({ host, port, exclusive: true }, () => {
      server.off("error", refused)
      const bound = server.address()
      resume(Effect.succeed(typeof bound === "object" && bound !== null ? bound.port : port))
    })
    return Effect.sync(() => server.once("listening", () => server.close()))
  })
