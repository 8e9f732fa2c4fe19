/**
 * Transport for gc over TCP, and over TLS 1.3 with pre-shared keys or mutual certificates.
 *
 * @since 0.1.0
 */
import * as Plugin from "@gc/core/Plugin"
import * as Transport from "@gc/core/Transport"
import * as Config from "effect/Config"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { dial } from "./internal/dialer.ts"
import { failure, transportName } from "./internal/errors.ts"
import { listen } from "./internal/listener.ts"
import { settings as schema } from "./internal/schema.ts"
import { defaultPort, resolve } from "./internal/settings.ts"
import { checkTls, readTls } from "./internal/tlsFiles.ts"

/**
 * The certificates of a node in `mtls` mode, each in PEM form, as text or as its bytes.
 *
 * **Details**
 *
 * - `cert`: the node's certificate and whatever intermediate ones lead to the root. It must allow both *server* and *client*
 *   authentication, for a node is both.
 * - `key`: its private key, not encrypted.
 * - `ca`: the roots that may vouch for members. Only these count, never the roots of the system: whoever holds a certificate
 *   of one of them gets as far as core's judgement of its names.
 *
 * @category models
 * @since 0.1.0
 */
export interface TlsMaterial {
  readonly cert: string | Uint8Array
  readonly key: Redacted.Redacted<string | Uint8Array>
  readonly ca: string | Uint8Array | ReadonlyArray<string | Uint8Array>
}

/**
 * Every setting of this transport; all are optional.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /**
   * The host to bind to: an IP address of this machine or a name that resolves to one. Default: `0.0.0.0`; in plain mode
   * without `allowPlaintext` it is `127.0.0.1`, for nothing else is allowed there. `::` takes IPv4 as well.
   */
  readonly host?: string | undefined
  /** The port to bind to; 0 takes any free one, and the real one is advertised. Default: 4370. */
  readonly port?: number | undefined
  /**
   * What other nodes are told to dial: `host`, `host:port` or `[ipv6]:port`, where a port is left out the bound one.
   * Default: the bound host, or for `0.0.0.0` and `::` the first address of this machine that others can reach. An
   * unspecified address is never advertised, and refused here.
   */
  readonly advertise?: string | undefined
  /** How long a dial may take, TLS included. Default: 5 seconds. */
  readonly connectTimeout?: Duration.Input | undefined
  /** How long a connection is idle before TCP probes the other end; `Duration.infinity` never does. Default: 15 seconds. */
  readonly keepAlive?: Duration.Input | undefined
  /** Wins over what the cluster wants (`LinkSecurity.mode`). */
  readonly security?: Transport.SecurityMode | undefined
  /** Required in `mtls` mode, unused in others. */
  readonly tls?: TlsMaterial | undefined
  /**
   * How many incoming connections may wait: in their TLS handshake, or for `accept`. With one more one of them is dropped, by
   * the rule of `@gc/core/Pending`, never the newcomer. Default: 64.
   */
  readonly maxPending?: number | undefined
  /** `send` suspends while more than this many bytes are not written yet. Default: 262,144 (256 KiB). */
  readonly highWaterMark?: number | undefined
}

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
  const settings = resolve(options)
  if (Result.isFailure(settings)) {
    const { host, port, security } = { ...options }
    const protocols = protocolsOf(security)
    const [where, at] = [typeof host === "string" ? host : "*", typeof port === "number" ? port : defaultPort]
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

/**
 * The files with the certificates of a node, in PEM form: `TlsMaterial` as a configuration file has it. Only its owner may read
 * the private key.
 *
 * @category models
 * @since 0.1.0
 */
export interface TlsFiles {
  readonly certFile: string
  readonly keyFile: string
  readonly caFile: string
}

/** What `plugin` reads. The mode is core's: `security` of the entry, or of the whole file. @category models @since 0.1.0 */
export interface FileOptions extends Omit<Options, "security" | "tls"> {
  readonly tls?: TlsFiles | undefined
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
      : Layer.unwrap(Effect.map(readTls(tls, boot), (material) => layer({ ...options, tls: material }))),
  check: ({ tls }, boot, security) => checkTls(tls, boot, security)
})
