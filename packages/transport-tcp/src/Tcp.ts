/**
 * Transport for gc over TCP, and over TLS 1.3 with pre-shared keys or mutual certificates.
 *
 * @since 0.1.0
 */
import * as Plugin from "@gc/core/Plugin"
import * as StreamOptions from "@gc/core/StreamOptions"
import * as StreamTls from "@gc/core/StreamTls"
import * as Transport from "@gc/core/Transport"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { dial } from "./internal/dialer.ts"
import { failure, transportName } from "./internal/names.ts"
import { listen } from "./internal/listener.ts"
import { settings as schema } from "./internal/schema.ts"

export type { TlsFiles, TlsMaterial } from "@gc/core/StreamTls"

/**
 * Every setting of this transport; all are optional.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends StreamOptions.StreamOptions {}

/**
 * Without an option the mode is known only when the cluster listens or dials. `tls` stands first: in plain mode it fails at
 * once, so that the last answer about a node is the one of its port.
 */
const protocolsOf = (security: Transport.SecurityMode | undefined): ReadonlyArray<string> =>
  security === "plain" ? ["tcp"] : ["tls", "tcp"]

/**
 * A transport over `node:net` and `node:tls`, without state of its own: one value may serve several clusters.
 *
 * **Details**
 *
 * - Plain streams are advertised as `tcp://`, encrypted ones as `tls://`. In the modes `psk` and `mtls` a `tcp://` address is
 *   dialed with TLS too: an address never weakens what was asked for. In plain mode `tls://` fails with `ProtocolUnsupported`.
 * - `send` is done when the whole batch is accepted. Frames are copied in small pieces and written where they are in
 *   large ones, so a sent body must never change afterwards.
 * - Frames that `receive` gives are views of what the socket read; each keeps up to 64 KiB alive.
 * - Counted are `gc_tcp_accepted`, `gc_tcp_dropped` (by `reason`) and `gc_tcp_accept_errors` (by `code`).
 *
 * A wrong option fails `listen` and `dial` with `TransportFailed` and one sentence that names it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: Options = {}): Transport.Transport["Service"] => {
  const settings = StreamOptions.resolve(options)
  if (Result.isFailure(settings)) {
    const { host, port, security } = { ...options }
    const protocols = protocolsOf(security)
    const [where, at] = [
      typeof host === "string" ? host : "*",
      typeof port === "number" ? port : StreamOptions.defaultPort
    ]
    const address = `${protocols.at(-1)}://${where}:${at}`
    const wrong = Effect.fail(failure(address, new Transport.TransportFailed({ detail: settings.failure })))
    return { name: transportName, protocols, listen: () => wrong, dial: () => wrong }
  }
  const protocols = protocolsOf(options.security)
  return {
    name: transportName,
    protocols,
    listen: (security) => listen(settings.success, security),
    dial: (address, security) => dial(settings.success, address, security)
  }
}

/**
 * `make` as a layer.
 *
 * **Example** (A node on loopback)
 *
 * ```ts
 * import * as Tcp from "@gc/transport-tcp"
 *
 * const TransportLive = Tcp.layer({ host: "127.0.0.1", port: 4371 })
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options?: Options): Layer.Layer<Transport.Transport> =>
  Layer.succeed(Transport.Transport, make(options))

/**
 * `layer` with options out of Effect's `Config`, one by one or as a whole.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig = (options: Config.Wrap<Options>): Layer.Layer<Transport.Transport, Config.ConfigError> =>
  Layer.effect(Transport.Transport, Effect.map(Config.unwrap(options), make))

/** What `plugin` reads. The mode is core's: `security` of the entry, or of the whole file. @category models @since 0.1.0 */
export interface FileOptions extends Omit<Options, "security" | "tls"> {
  readonly tls?: StreamTls.TlsFiles | undefined
}

/**
 * The transport `tcp` of a configuration file.
 *
 * **Details**
 *
 * The configuration is refused where a file of `tls` is missing, where others can read the key, and where `security` is `"mtls"`
 * and there is no `tls`; one that is not used is a warning. The layer fails when a file is no PEM or the key does not fit the
 * certificate, and names the key of the file. A certificate that is out of date is a warning.
 *
 * **Example** (`{ "transport": { "tcp": { "port": 4371, "advertise": "10.0.0.7" } } }`)
 *
 * ```ts
 * Cluster.layerFile("gc.json", { transport: [Tcp.plugin] })
 * ```
 *
 * @category plugins
 * @since 0.1.0
 */
export const plugin: Plugin.TransportPlugin<FileOptions> = Plugin.transport({
  key: "tcp",
  schema,
  layer: ({ tls, ...options }, boot) =>
    tls === undefined
      ? layer(options)
      : Layer.unwrap(Effect.map(StreamTls.readTls(tls, boot), (material) => layer({ ...options, tls: material }))),
  check: ({ tls }, boot, security) => StreamTls.checkTls(tls, boot, security)
})
