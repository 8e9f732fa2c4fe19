import * as Address from "@gc/core/Address"
import type { TransportPlugin } from "@gc/core/Plugin"
import type { StreamOptions } from "@gc/core/StreamOptions"
import type * as Transport from "@gc/core/Transport"
import type * as Config from "effect/Config"
import type * as Layer from "effect/Layer"
import type * as net from "node:net"
import type { Duplex } from "node:stream"

/** A transport over sockets as the trials see it: how it is made, and how somebody without it reaches what it carries. */
export interface Kit {
  readonly name: string
  /** The protocols of its addresses, without TLS and with it. */
  readonly plain: string
  readonly secure: string
  /** The protocols that it dials in plain mode. */
  readonly dialedPlain: ReadonlyArray<string>
  /** The path of what it advertises. */
  readonly path: string
  /** What TLS says runs in it. */
  readonly alpn: string
  /** Whether a stream begins with a request and its answer, so that a dial ends only when a node has said yes. */
  readonly asks: boolean
  readonly make: (options?: StreamOptions) => Transport.Transport["Service"]
  readonly layer: (options?: StreamOptions) => Layer.Layer<Transport.Transport>
  readonly layerConfig: (options: Config.Wrap<StreamOptions>) => Layer.Layer<Transport.Transport, Config.ConfigError>
  readonly plugin: TransportPlugin
  /** The stream in a connected socket of somebody who dials; it fails when the other end does not let him in. */
  readonly client: (socket: net.Socket) => Promise<Duplex>
  /** The stream in a socket that came in, once it has begun. */
  readonly server: (socket: net.Socket, opened: (stream: Duplex) => void) => void
  /** The stream in what a listener was heard to say on a bare socket, as much of it as came whole. */
  readonly unwrapped: (bytes: Buffer) => Buffer
  /** What a node sends first on a bare socket, and the frames behind it, where no TLS is around it. */
  readonly opening: (...frames: ReadonlyArray<Uint8Array>) => Buffer
}

/** Where a port on loopback is dialed. */
export const addressAt = ({ path, plain, secure }: Kit, port: number, security = "plain"): Address.Address =>
  Address.make(security === "plain" ? plain : secure, "127.0.0.1", port, path)
