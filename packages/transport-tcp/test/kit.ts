import type { Kit } from "@gc/transport-trials/kit"
import * as Tcp from "@gc/transport-tcp"

/** TCP for the trials: the stream is the socket itself. */
export const tcp: Kit = {
  name: "tcp",
  plain: "tcp",
  secure: "tls",
  dialedPlain: ["tcp"],
  path: "",
  alpn: "gc/1",
  asks: false,
  make: Tcp.make,
  layer: Tcp.layer,
  layerConfig: Tcp.layerConfig,
  plugin: Tcp.plugin,
  client: async (socket) => socket,
  server: (socket, opened) => opened(socket),
  unwrapped: (bytes) => bytes,
  opening: (...frames) => Buffer.concat(frames)
}
