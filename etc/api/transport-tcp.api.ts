// The API of @gc/transport-tcp. Made by "npm run api"; a change of it needs a changeset.

// ---- @gc/transport-tcp: Tcp
import * as Plugin from "@gc/core/Plugin";
import * as StreamOptions from "@gc/core/StreamOptions";
import * as StreamTls from "@gc/core/StreamTls";
import * as Transport from "@gc/core/Transport";
import * as Config from "effect/Config";
import * as Layer from "effect/Layer";
export type { TlsFiles, TlsMaterial } from "@gc/core/StreamTls";
export interface Options extends StreamOptions.StreamOptions {
}
export declare const make: (options?: Options) => Transport.Transport["Service"];
export declare const layer: (options?: Options) => Layer.Layer<Transport.Transport>;
export declare const layerConfig: (options: Config.Wrap<Options>) => Layer.Layer<Transport.Transport, Config.ConfigError>;
export interface FileOptions extends Omit<Options, "security" | "tls"> {
    readonly tls?: StreamTls.TlsFiles | undefined;
}
export declare const plugin: Plugin.TransportPlugin<FileOptions>;

// ---- @gc/transport-tcp: index
export * from "./Tcp.ts";
