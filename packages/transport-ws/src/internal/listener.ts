import * as Address from "@gc/core/Address"
import { advertised, bindHost } from "@gc/core/StreamOptions"
import {
  acceptFrom,
  Backlog,
  bind,
  gather,
  modeOf,
  Notices,
  type Pending,
  socketOptions,
  type Wire
} from "@gc/core/StreamTransport"
import * as Transport from "@gc/core/Transport"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as http from "node:http"
import type { Socket } from "node:net"
import { mounted } from "./mounted.ts"
import { failure, transportName } from "./names.ts"
import type { Settings } from "./settings.ts"
import { wireOver } from "./sockets.ts"
import { type Streams, streamsOf } from "./streams.ts"
import { afterResponse, pathOf, refuse, upgrade, webSockets } from "./upgrades.ts"

/** @internal */
export const listen = (
  settings: Settings,
  security: Transport.LinkSecurity
): Effect.Effect<Transport.Listener, Transport.TransportError, Scope.Scope> =>
  settings.server === undefined
    ? standalone(settings, security)
    : mounted(settings, settings.server, security, modeOf(settings, security))

const standalone = Effect.fnUntraced(function* (
  settings: Settings,
  security: Transport.LinkSecurity
): Effect.fn.Return<Transport.Listener, Transport.TransportError, Scope.Scope> {
  const mode = modeOf(settings, security)
  const host = bindHost(settings, mode, security)
  const secure = mode !== "plain" || settings.tls !== undefined
  const wanted = Address.make(secure ? "wss" : "ws", host, settings.port)
  const fail = (reason: Transport.TransportReason) => failure(Address.format(wanted), reason)
  if (mode === "plain") yield* Transport.checkPlaintext(transportName, wanted, security)
  else if (settings.advertise?.protocol === "ws") return yield* fail(new Transport.TransportFailed({ detail: unsafe }))
  const streams = streamsOf(mode, settings, security, secure)
  if (Result.isFailure(streams)) return yield* fail(streams.failure)
  return yield* Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const server = yield* Effect.try({
        try: () => streams.success.serve(socketOptions(settings)),
        catch: (error) => fail(new Transport.SecurityFailed({ detail: `options.tls is not usable (${String(error)})` }))
      })
      const notices = new Notices(transportName, Address.format(wanted), yield* Effect.context<never>())
      const backlog = new Backlog(settings.maxPending, (reason) => notices.dropped(reason))
      const close = Effect.sync(() => {
        server.close()
        backlog.close()
      })
      const admit = admitter({ backlog, notices, streams: streams.success, settings })
      gather<Socket>({ server, backlog, notices, secure, deadline: settings.handshakeTimeout, admit })
      const port = yield* restore(bind(server, host, settings.port)).pipe(
        Effect.onError(() => close),
        Effect.mapError(fail)
      )
      server.on("error", (error) => notices.acceptError(error))
      yield* Effect.addFinalizer(() => close)
      const address = advertised(settings, streams.success.protocol, host, port, settings.path)
      notices.address = Address.format(address)
      const remote = { transport: transportName, text: notices.address, host: Option.none() }
      return { addresses: [address], accept: acceptFrom(backlog, remote, notices) }
    })
  )
})

const unsafe = "advertise is a ws:// address, and this node's security serves wss:// only"

interface Listening {
  readonly backlog: Backlog
  readonly notices: Notices
  readonly streams: Streams
  readonly settings: Settings
}

interface Admitted {
  readonly pending: Pending
  readonly proof: Transport.LinkProof
}

const ready = ({ backlog }: Listening, pending: Pending, socket: Socket, wire: Wire): void => {
  socket.once("data", () => backlog.heard(pending))
  socket.once("close", () => {
    if (wire.cut) backlog.drop(pending, "cut")
  })
  backlog.ready(pending, socket, wire)
}

/** A socket that comes in is given to a server of HTTP, which gives back those that want to be WebSockets. */
const admitter = (listening: Listening): ((pending: Pending, socket: Socket) => void) => {
  const { notices, settings, streams } = listening
  const admitted = new WeakMap<object, Admitted>()
  const server = webSockets()
  const web = http.createServer({ maxHeaderSize: 8192, keepAlive: false }, (_request, response) => {
    response.writeHead(426, { Connection: "close", Upgrade: "websocket", "Content-Type": "text/plain" })
    response.end("gc: a WebSocket and nothing else\n")
  })
  web.on("upgrade", (request, socket: Socket, head) => {
    const asked = { request, socket, head }
    const known = admitted.get(socket)
    if (known === undefined) return void socket.destroy()
    known.pending.reason = "refused"
    if (afterResponse(socket)) return
    if (pathOf(request) !== settings.path) return refuse(asked, 404, `gc: nothing is here, try ${settings.path}`)
    upgrade(server, asked, settings, notices, (ws) =>
      ready(listening, known.pending, socket, wireOver(ws, socket, false, streams.protocol, known.proof, settings))
    )
  })
  return (pending, socket) => {
    const proof = streams.proveAccepted(socket)
    if (Result.isFailure(proof)) {
      if (listening.backlog.remove(pending)) notices.unproven(proof.failure)
      return
    }
    socket.on("error", () => {})
    admitted.set(socket, { pending, proof: proof.success })
    web.emit("connection", socket)
  }
}
