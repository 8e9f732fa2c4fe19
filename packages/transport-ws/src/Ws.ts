/**
 * Transport for gc over WebSocket: a server of its own or a path of an HTTP server, bare, behind a proxy, or over TLS 1.3 with
 * pre-shared keys or mutual certificates.
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
import { listen } from "./internal/listener.ts"
import { failure, transportName } from "./internal/names.ts"
import { settings as schema } from "./internal/schema.ts"
import { resolve } from "./internal/settings.ts"

export type { TlsFiles, TlsMaterial } from "@gc/core/StreamTls"

/**
 * A server of `node:http` or `node:https`, as much of it as is used here.
 *
 * @category models
 * @since 0.1.0
 */
export interface HttpServer {
  readonly listening: boolean
  address(): { readonly address: string; readonly port: number } | string | null
  on(event: "upgrade", listener: (request: object, socket: object, head: object) => void): unknown
  off(event: "upgrade", listener: (request: object, socket: object, head: object) => void): unknown
  emit(event: "request", request: object, response: object): boolean
  listenerCount(event: "upgrade"): number
}

/**
 * Every setting of this transport; all are optional.
 *
 * **Details**
 *
 * Some of the common ones say more here:
 *
 * - `advertise` may be a whole address, which is needed behind a proxy: `wss://gc.example.org/gc`.
 * - `tls` is required in `mtls` mode. In plain mode it makes the server `wss://`, with a certificate that proves the server only.
 * - `connectTimeout` holds for the whole of a dial, the upgrade included, and as long for a connection that comes in.
 * - `host` and `port` are the server's where `server` is given.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends StreamOptions.StreamOptions {
  /** The path that is gc's. An address without a path is dialed at it, too. Default: `/gc`. */
  readonly path?: string | undefined
  /**
   * A server of `node:http` or `node:https` of the program's own, where gc takes `path` and nothing else. It should listen before
   * the cluster starts; otherwise `advertise` is required, with a port. It is never closed here.
   */
  readonly server?: HttpServer | undefined
  /** Values of `Origin` that are taken. Browsers send the header and nodes do not. Default: none. */
  readonly allowedOrigins?: ReadonlyArray<string> | undefined
  /**
   * The roots that may vouch for the servers dialed as `wss://` in plain mode, such as proxies; PEM. Default: those of `tls`, or
   * of the system.
   */
  readonly ca?: string | Uint8Array | ReadonlyArray<string | Uint8Array> | undefined
}

/** `wss` stands first: an address may have neither, and the last answer about a node is that of the usual case in plain mode. */
const protocols: ReadonlyArray<string> = ["wss", "ws"]

/**
 * A transport over the package `ws`, without state of its own: one value may serve several clusters, except that a path of a
 * `server` is one node's.
 *
 * **Details**
 *
 * - In the modes `psk` and `mtls` a `ws://` address is dialed with TLS too: an address never weakens what was asked for.
 * - In plain mode `wss://` is TLS as browsers do it: the server's certificate is checked, and the stream proves nothing to core,
 *   for it may end in a proxy.
 * - The subprotocol is `gc.1`, nothing is compressed, and messages are binary, of 16 KiB at most: pieces of the stream of
 *   frames. Pings are answered, and are no sign of life.
 * - `send` is done when the whole batch is accepted. A sent body must never change afterwards.
 * - Counted are `gc_ws_accepted`, `gc_ws_dropped` (by `reason`) and `gc_ws_accept_errors` (by `code`).
 *
 * A wrong option fails `listen` and `dial` with `TransportFailed` and one sentence that names it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: Options = {}): Transport.Transport["Service"] => {
  const settings = resolve(options)
  if (Result.isFailure(settings)) {
    const { host, port } = { ...options }
    const where = typeof host === "string" ? host : "*"
    const address = `ws://${where}:${typeof port === "number" ? port : StreamOptions.defaultPort}`
    const wrong = Effect.fail(failure(address, new Transport.TransportFailed({ detail: settings.failure })))
    return { name: transportName, protocols, listen: () => wrong, dial: () => wrong }
  }
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
 * **Example** (A path of the server of an application)
 *
 * ```ts
 * import * as Ws from "@gc/transport-ws"
 * import * as http from "node:http"
 *
 * const server = http.createServer((_request, response) => response.end("hello"))
 * server.listen(8080, "127.0.0.1")
 * const TransportLive = Ws.layer({ server, security: "plain" })
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options?: Options): Layer.Layer<Transport.Transport> =>
  Layer.succeed(Transport.Transport, make(options))

/**
 * `layer` with options out of Effect's `Config`, one by one or as a whole. A `server` comes from the program: map the `Config`
 * and use `make`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig = (
  options: Config.Wrap<Omit<Options, "server">>
): Layer.Layer<Transport.Transport, Config.ConfigError> =>
  Layer.effect(Transport.Transport, Effect.map(Config.unwrap(options), make))

/** What `plugin` reads. The mode is core's: `security` of the entry, or of the whole file. @category models @since 0.1.0 */
export interface FileOptions extends Omit<Options, "security" | "server" | "tls" | "ca"> {
  readonly tls?: StreamTls.TlsFiles | undefined
  readonly caFile?: string | undefined
}

/**
 * The transport `ws` of a configuration file, with a server of its own.
 *
 * **Details**
 *
 * The configuration is refused where a file is missing, where others can read the key, and where `security` is `"mtls"` and there is
 * no `tls`; a file that is not used is a warning. The layer fails when a file of `tls` is no PEM or the key does not fit the
 * certificate, and names the key of the file. A certificate that is out of date is a warning.
 *
 * **Example** (`{ "transport": { "ws": { "port": 8443, "advertise": "wss://gc.example.org/gc" } } }`)
 *
 * ```ts
 * Cluster.layerFile("gc.json", { transport: [Ws.plugin] })
 * ```
 *
 * @category plugins
 * @since 0.1.0
 */
export const plugin: Plugin.TransportPlugin<FileOptions> = Plugin.transport({
  key: "ws",
  schema,
  layer: ({ caFile, tls, ...options }, boot) =>
    Layer.unwrap(
      Effect.gen(function* () {
        const material = tls === undefined ? undefined : yield* StreamTls.readTls(tls, boot)
        const ca = caFile === undefined ? undefined : yield* boot.files.read(`${boot.path}.caFile`, caFile)
        return layer({ ...options, tls: material, ca })
      })
    ),
  check: ({ caFile, tls }, boot, security) =>
    Effect.gen(function* () {
      // In plain mode a certificate is of use, and nothing is missing without.
      const { problems, warnings } = yield* StreamTls.checkTls(tls, boot, security, ["mtls", "plain"])
      const key = `${boot.path}.caFile`
      const reason = yield* caFile === undefined
        ? Effect.undefined
        : Effect.match(boot.files.read(key, caFile), { onFailure: (error) => error.reason, onSuccess: () => undefined })
      return {
        problems: reason?._tag === "ValuesInvalid" ? [...problems, ...reason.problems] : problems,
        warnings:
          caFile === undefined || security === "plain"
            ? warnings
            : [...warnings, `${key} is not used, as security is "${security}": it is for wss:// servers in plain mode`]
      }
    })
})
