// The API of @gc/transport-tcp. Made by "npm run api"; a change of it needs a changeset.

// ---- @gc/transport-tcp: Tcp
import * as Plugin from "@gc/core/Plugin";
import * as Transport from "@gc/core/Transport";
import * as Config from "effect/Config";
import type * as Duration from "effect/Duration";
import * as Layer from "effect/Layer";
import type * as Redacted from "effect/Redacted";
export interface TlsMaterial {
    readonly cert: string | Uint8Array;
    readonly key: Redacted.Redacted<string | Uint8Array>;
    readonly ca: string | Uint8Array | ReadonlyArray<string | Uint8Array>;
}
export interface Options {
    readonly host?: string | undefined;
    readonly port?: number | undefined;
    readonly advertise?: string | undefined;
    readonly connectTimeout?: Duration.Input | undefined;
    readonly keepAlive?: Duration.Input | undefined;
    readonly security?: Transport.SecurityMode | undefined;
    readonly tls?: TlsMaterial | undefined;
    readonly maxPending?: number | undefined;
    readonly highWaterMark?: number | undefined;
}
export declare const make: (options?: Options) => Transport.Transport["Service"];
export declare const layer: (options?: Options) => Layer.Layer<Transport.Transport>;
export declare const layerConfig: (options: Config.Wrap<Options>) => Layer.Layer<Transport.Transport, Config.ConfigError>;
export interface TlsFiles {
    readonly certFile: string;
    readonly keyFile: string;
    readonly caFile: string;
}
export interface FileOptions extends Omit<Options, "security" | "tls"> {
    readonly tls?: TlsFiles | undefined;
}
export declare const plugin: Plugin.TransportPlugin<FileOptions>;

// ---- @gc/transport-tcp: index
export * from "./Tcp.ts";
