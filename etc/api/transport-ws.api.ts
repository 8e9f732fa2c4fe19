// The API of @gc/transport-ws. Made by "npm run api"; a change of it needs a changeset.

// ---- @gc/transport-ws: Ws
import * as Plugin from "@gc/core/Plugin";
import * as StreamOptions from "@gc/core/StreamOptions";
import * as StreamTls from "@gc/core/StreamTls";
import * as Transport from "@gc/core/Transport";
import * as Config from "effect/Config";
import * as Layer from "effect/Layer";
export type { TlsFiles, TlsMaterial } from "@gc/core/StreamTls";
export interface HttpServer {
    readonly listening: boolean;
    address(): {
        readonly address: string;
        readonly port: number;
    } | string | null;
    on(event: "upgrade", listener: (request: object, socket: object, head: object) => void): unknown;
    off(event: "upgrade", listener: (request: object, socket: object, head: object) => void): unknown;
    emit(event: "request", request: object, response: object): boolean;
    listenerCount(event: "upgrade"): number;
}
export interface Options extends StreamOptions.StreamOptions {
    readonly path?: string | undefined;
    readonly server?: HttpServer | undefined;
    readonly allowedOrigins?: ReadonlyArray<string> | undefined;
    readonly ca?: string | Uint8Array | ReadonlyArray<string | Uint8Array> | undefined;
}
export declare const make: (options?: Options) => Transport.Transport["Service"];
export declare const layer: (options?: Options) => Layer.Layer<Transport.Transport>;
export declare const layerConfig: (options: Config.Wrap<Omit<Options, "server">>) => Layer.Layer<Transport.Transport, Config.ConfigError>;
export interface FileOptions extends Omit<Options, "security" | "server" | "tls" | "ca"> {
    readonly tls?: StreamTls.TlsFiles | undefined;
    readonly caFile?: string | undefined;
}
export declare const plugin: Plugin.TransportPlugin<FileOptions>;

// ---- @gc/transport-ws: index
export * from "./Ws.ts";
