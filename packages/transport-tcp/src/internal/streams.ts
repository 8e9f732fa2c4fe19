import type { Proof } from "@gc/core/StreamTls"
import type { Server, Socket } from "node:net"

/** What every socket of this transport is made with. @internal */
export interface SocketOptions {
  readonly noDelay: boolean
  readonly keepAlive: boolean
  readonly keepAliveInitialDelay: number
}

/** @internal */
interface ConnectOptions extends SocketOptions {
  readonly host: string
  readonly port: number
}

export type { Proof }

/** How one security mode makes its streams and what they prove. @internal */
export interface Streams {
  readonly protocol: "tcp" | "tls"
  readonly serve: (options: SocketOptions) => Server
  readonly proveAccepted: (socket: Socket) => Proof
  readonly connect: (options: ConnectOptions) => Socket
  readonly proveDialed: (socket: Socket) => Proof
  /** Why a handshake failed, where the mode knows it better than the error. */
  readonly explain: (error: Error) => string | undefined
}
