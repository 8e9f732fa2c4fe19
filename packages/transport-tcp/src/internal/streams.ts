import { makeStreams, type Streams as CommonStreams } from "@gc/core/StreamTransport"
import * as net from "node:net"

// An import of it as a module of ECMAScript reads every export, and one of them makes the texts of all roots that Node ships.
const tls = process.getBuiltinModule("node:tls")

/** How one security mode makes its streams and what they prove. @internal */
export type Streams = CommonStreams<"tcp" | "tls", net.Server, net.Socket>

const names = { plain: "tcp", encrypted: "tls", alpn: "gc/1" } as const

/** The streams of a mode, or why there are none. @internal */
export const streamsOf = makeStreams<"tcp" | "tls", net.Server, net.Socket, ReturnType<typeof tls.createSecureContext>>(
  names,
  {
    serve: (options) => net.createServer(options),
    connect: (options) => net.connect(options),
    createContext: tls.createSecureContext,
    // Node leaves the socket open when a handshake takes too long.
    serveTls: (options) => tls.createServer(options).on("tlsClientError", (_error, socket) => socket.destroy()),
    connectTls: (options) => tls.connect(options),
    tlsOf: (socket) => (socket instanceof tls.TLSSocket ? socket : undefined)
  }
)
