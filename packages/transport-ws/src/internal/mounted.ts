import * as Address from "@gc/core/Address"
import { advertised } from "@gc/core/StreamOptions"
import * as StreamTls from "@gc/core/StreamTls"
import { acceptFrom, Backlog, Notices } from "@gc/core/StreamTransport"
import * as Transport from "@gc/core/Transport"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import type { Socket } from "node:net"
import * as tls from "node:tls"
import type { HttpServer } from "../Ws.ts"
import { issuedBy } from "./issuedBy.ts"
import { mount } from "./mount.ts"
import { alpn, failure, transportName } from "./names.ts"
import type { Settings } from "./settings.ts"
import { wireOver } from "./sockets.ts"
import { refuse, upgrade, webSockets } from "./upgrades.ts"

const pskNeedsItsOwn =
  "a server that is handed in has a TLS of its own, where the pre-shared keys of security psk have no place: leave server out, or use mtls with an https server"

const notKnown =
  "the server does not listen yet, so that nobody knows what to advertise: let it listen before the cluster starts, or give advertise with a port"

const noPort =
  "the server listens on a unix socket, where no other node dials: give advertise with a port, that of the proxy in front of it"

const addressTaken = (path: string): string =>
  `another node is mounted on this server at ${path}: give each its own path`

/** What a request of the user's server proves, or why this mode cannot be had there. */
const proverOf = (
  mode: Transport.SecurityMode,
  secure: boolean,
  settings: Settings
): Result.Result<(socket: Socket) => StreamTls.Proof, string> => {
  if (mode === "plain") return Result.succeed(() => Result.succeed({ _tag: "Plain" }))
  if (mode === "psk") return Result.fail(pskNeedsItsOwn)
  if (!secure) return Result.fail("security mtls needs an https server, with requestCert and the ca of the members")
  return Result.map(StreamTls.mtlsMode(settings.tls, alpn), ({ proveAccepted }) => {
    const isMember = issuedBy(StreamTls.pemsOf(settings.tls?.ca ?? []))
    return (socket) => {
      if (!(socket instanceof tls.TLSSocket)) return Result.fail("the stream is not encrypted")
      return Result.flatMap(proveAccepted(socket), (proof) =>
        isMember(socket.getPeerX509Certificate())
          ? Result.succeed(proof)
          : Result.fail("the other end's certificate is not of an authority of options.tls.ca")
      )
    }
  })
}

/** Where the user's server listens, when it does and on a port. */
const boundOf = (server: HttpServer): { readonly address: string; readonly port: number } | undefined => {
  const bound = server.listening ? server.address() : null
  return typeof bound === "object" && bound !== null ? bound : undefined
}

/** A path of a server that is somebody else's. @internal */
export const mounted = Effect.fnUntraced(function* (
  settings: Settings,
  server: HttpServer,
  security: Transport.LinkSecurity,
  mode: Transport.SecurityMode
): Effect.fn.Return<Transport.Listener, Transport.TransportError, Scope.Scope> {
  const secure = server instanceof tls.Server
  const protocol = secure ? "wss" : "ws"
  const bound = boundOf(server)
  const wanted = Address.make(protocol, bound?.address ?? "0.0.0.0", bound?.port ?? 0, settings.path)
  const fail = (reason: Transport.TransportReason) => failure(Address.format(wanted), reason)
  if (mode === "plain") yield* Transport.checkPlaintext(transportName, wanted, security)
  if (bound === undefined && settings.advertise?.port === undefined) {
    return yield* fail(new Transport.TransportFailed({ detail: server.listening ? noPort : notKnown }))
  }
  const prover = proverOf(mode, secure, settings)
  if (Result.isFailure(prover)) return yield* fail(new Transport.SecurityFailed({ detail: prover.failure }))
  const address = advertised(settings, protocol, wanted.host, wanted.port, settings.path)
  const notices = new Notices(transportName, Address.format(address), yield* Effect.context<never>())
  const backlog = new Backlog(settings.maxPending, (reason) => notices.dropped(reason))
  const sockets = webSockets()
  const unmount = mount(server, settings.path, (asked) => {
    const { socket } = asked
    if (backlog.closed) return refuse(asked, 503, "gc: this node is leaving")
    const proof = prover.success(socket)
    if (Result.isFailure(proof)) {
      notices.unproven(proof.failure)
      return refuse(asked, 403, `gc: ${proof.failure}`)
    }
    const served = upgrade(sockets, asked, settings, notices, (ws) => {
      if (settings.keepAlive !== undefined) socket.setKeepAlive(true, settings.keepAlive)
      const wire = wireOver(ws, socket, false, protocol, proof.success, settings)
      const pending = backlog.add(socket)
      socket.once("data", () => backlog.heard(pending))
      socket.once("close", () => {
        if (wire.cut) backlog.drop(pending, "cut")
      })
      backlog.ready(pending, socket, wire)
    })
    if (!served) notices.dropped("refused")
  })
  if (unmount === undefined) {
    return yield* fail(new Transport.TransportFailed({ detail: addressTaken(settings.path) }))
  }
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      unmount()
      backlog.close()
    })
  )
  const remote = { transport: transportName, text: notices.address, host: Option.none() }
  return { addresses: [address], accept: acceptFrom(backlog, remote, notices) }
})
