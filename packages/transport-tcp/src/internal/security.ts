import * as Transport from "@gc/core/Transport"
import * as Result from "effect/Result"
import * as net from "node:net"
import type { Settings } from "./settings.ts"

/** What every listening socket is made with. @internal */
export interface ServerOptions {
  readonly allowHalfOpen: boolean
  readonly noDelay: boolean
  readonly keepAlive: boolean
  readonly keepAliveInitialDelay: number
}

/** What every dialed socket is made with. @internal */
export interface ConnectOptions extends ServerOptions {
  readonly host: string
  readonly port: number
}

/** What a stream proves, or one sentence about what is missing. @internal */
export type Proof = Result.Result<Transport.LinkProof, string>

/** How one mode makes its streams; a socket is whole when `ready` is emitted. @internal */
export interface Streams {
  readonly protocol: "tcp" | "tls"
  readonly serve: (options: ServerOptions) => net.Server
  /** The event of a server with a whole socket, and of a dialed socket. */
  readonly accepted: "connection" | "secureConnection"
  readonly proveAccepted: (socket: net.Socket) => Proof
  readonly connect: (options: ConnectOptions) => net.Socket
  readonly ready: "connect" | "secureConnect"
  readonly proveDialed: (socket: net.Socket) => Proof
}

const provePlain = (): Proof => Result.succeed({ _tag: "Plain" })

const plain: Streams = {
  protocol: "tcp",
  serve: (options) => net.createServer(options),
  accepted: "connection",
  proveAccepted: provePlain,
  connect: (options) => net.connect(options),
  ready: "connect",
  proveDialed: provePlain
}

/** @internal */
export const modeOf = (settings: Settings, security: Transport.LinkSecurity): Transport.SecurityMode =>
  settings.security ?? security.mode

/** @internal */
export const streams = (mode: Transport.SecurityMode): Result.Result<Streams, Transport.TransportReason> => {
  if (mode === "plain") return Result.succeed(plain)
  return Result.fail(new Transport.SecurityFailed({ detail: `security ${mode} is not available` }))
}
