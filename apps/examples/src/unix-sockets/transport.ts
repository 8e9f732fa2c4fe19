/**
 * A transport of one's own, with all that a package would have: nodes on one machine reach each other by Unix sockets in a
 * folder. `unix://127.0.0.1:4370` is the file `4370.sock` there, so that names, addresses and port 0 work as with TCP.
 */
import * as Address from "@gc/core/Address"
import * as Plugin from "@gc/core/Plugin"
import * as Setting from "@gc/core/Setting"
import * as Transport from "@gc/core/Transport"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { randomInt } from "node:crypto"
import { rmSync } from "node:fs"
import { createConnection, createServer, type Server, type Socket } from "node:net"
import { join } from "node:path"
import { failure, host, reasonOf, Wire } from "./wire.ts"

interface Options {
  /** Who may open files in it may connect: make it with mode 0700. */
  readonly folder: string
  /** 0 takes a free one. */
  readonly port?: number | undefined
}

/** Connections that wait for `accept`. */
const maxWaiting = 64

const pathOf = ({ folder }: Options, port: number): string => join(folder, `${port}.sock`)

/** Only `plain` streams can be had, and they stay on this machine. */
const checkMode = (address: Address.Address, security: Transport.LinkSecurity) =>
  security.mode === "plain"
    ? Transport.checkPlaintext("unix", address, security)
    : Effect.fail(
        failure(
          Address.format(address),
          new Transport.SecurityFailed({ detail: `a Unix socket has no ${security.mode}: set security to "plain"` })
        )
      )

const dial = Effect.fnUntraced(function* (
  options: Options,
  address: Address.Address,
  security: Transport.LinkSecurity
) {
  const text = Address.format(address)
  if (address.protocol !== "unix") {
    return yield* failure(text, new Transport.ProtocolUnsupported({ supported: ["unix"] }))
  }
  yield* checkMode(address, security)
  // Nobody listens at any other: the file would be somebody else than the node that was meant.
  if (address.host !== host) return yield* failure(text, new Transport.Refused({}))
  return yield* connect(pathOf(options, address.port), text)
})

const connect = (path: string, text: string) =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      let socket: Socket | undefined
      const connected = Effect.callback<Wire, Transport.TransportError>((resume) => {
        // It is connected at once: a dial that is given up in the same turn shall have opened nothing.
        const soon = setImmediate(() => {
          const opened = (socket = createConnection(path))
          const wire = new Wire(opened, text)
          opened.once("connect", () => resume(Effect.succeed(wire)))
          opened.once("error", (error) => resume(Effect.fail(failure(text, reasonOf(error)))))
        })
        return Effect.sync(() => clearImmediate(soon))
      })
      // Nothing is left behind, though the scope of an interrupted dial stays open.
      const wire = yield* Effect.onError(restore(connected), () => Effect.sync(() => socket?.destroy()))
      yield* Effect.addFinalizer(() => wire.close)
      return wire.connection
    })
  )

const open = (path: string) =>
  Effect.callback<Server, NodeJS.ErrnoException>((resume) => {
    const server = createServer()
    server.once("error", (error) => resume(Effect.fail(error)))
    server.listen(path, () => resume(Effect.succeed(server)))
    return Effect.sync(() => void server.close())
  })

/** A process that was killed leaves its file, and nobody answers there. */
const isStale = (path: string) =>
  Effect.callback<boolean>((resume) => {
    const socket = createConnection(path)
    const answer = (stale: boolean) => {
      socket.destroy()
      resume(Effect.succeed(stale))
    }
    socket.once("connect", () => answer(false))
    socket.once("error", (error: NodeJS.ErrnoException) => answer(error.code === "ECONNREFUSED"))
    return Effect.sync(() => void socket.destroy())
  })

const openPort = (options: Options, port: number) => {
  const path = pathOf(options, port)
  const text = Address.format(Address.make("unix", host, port))
  const retry = Effect.fnUntraced(function* (error: NodeJS.ErrnoException) {
    if (error.code !== "EADDRINUSE" || !(yield* isStale(path))) return yield* Effect.fail(error)
    rmSync(path, { force: true })
    return yield* open(path)
  })
  return open(path).pipe(
    Effect.catch(retry),
    Effect.mapError((error) => failure(text, reasonOf(error)))
  )
}

const openFree = (options: Options, attempts = 16): Effect.Effect<[Server, number], Transport.TransportError> => {
  const port = randomInt(1_024, 65_536)
  return openPort(options, port).pipe(
    Effect.map((server): [Server, number] => [server, port]),
    Effect.catch((error) =>
      error.reason._tag === "AddressInUse" && attempts > 1 ? openFree(options, attempts - 1) : Effect.fail(error)
    )
  )
}

const listen = Effect.fnUntraced(function* (options: Options, security: Transport.LinkSecurity) {
  yield* checkMode(Address.make("unix", host, options.port ?? 0), security)
  const wanted = options.port ?? 0
  const opened =
    wanted === 0
      ? openFree(options)
      : Effect.map(openPort(options, wanted), (server): [Server, number] => [server, wanted])
  const waiting: Array<Wire> = []
  const acceptors = new Set<() => void>()
  let isOpen = true
  const wakeAll = () => {
    const all = [...acceptors]
    acceptors.clear()
    for (const wake of all) wake()
  }
  const [server, port] = yield* Effect.acquireRelease(opened, ([server]) =>
    Effect.suspend(() => {
      isOpen = false
      server.close()
      wakeAll()
      return Effect.forEach(waiting.splice(0), (wire) => wire.close, { concurrency: "unbounded", discard: true })
    })
  )
  const address = Address.make("unix", host, port)
  const text = Address.format(address)
  server.on("connection", (socket) => {
    waiting.push(new Wire(socket, `${text}/client`))
    if (waiting.length > maxWaiting) Effect.runFork(waiting.shift()!.close)
    wakeAll()
  })
  const arrival = Effect.callback<void>((resume) => {
    if (waiting.length > 0 || !isOpen) return resume(Effect.void)
    const wake = () => resume(Effect.void)
    acceptors.add(wake)
    return Effect.sync(() => void acceptors.delete(wake))
  })
  const accept: Effect.Effect<Transport.Connection, Transport.TransportError, Scope.Scope> = Effect.uninterruptibleMask(
    (restore) =>
      Effect.gen(function* () {
        for (;;) {
          yield* restore(arrival)
          const wire = waiting.shift()
          if (wire !== undefined) {
            yield* Effect.addFinalizer(() => wire.close)
            return wire.connection
          }
          if (!isOpen) return yield* failure(text, new Transport.Closed({}))
        }
      })
  )
  return { addresses: [address], accept }
})

const make = (options: Options): Transport.Transport["Service"] => ({
  name: "unix",
  protocols: ["unix"],
  listen: (security) => listen(options, security),
  dial: (address, security) => dial(options, address, security)
})

export const layer = (options: Options): Layer.Layer<Transport.Transport> =>
  Layer.succeed(Transport.Transport, make(options))

/** `{ "transport": { "unix": { "folder": "/run/orders", "port": 4370 } } }` */
export const plugin = Plugin.transport({
  key: "unix",
  schema: Schema.Struct({
    folder: Setting.text({ description: "Where the sockets are.", expected: "the path of a folder" }),
    port: Schema.optionalKey(Setting.bindPort({ description: "Its file is <port>.sock.", default: 0 }))
  }),
  layer: (options) => layer(options)
})
