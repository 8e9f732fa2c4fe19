// The API of @gc/discovery-gossip. Made by "npm run api"; a change of it needs a changeset.

// ---- @gc/discovery-gossip: Gossip
import * as Discovery from "@gc/core/Discovery";
import * as Plugin from "@gc/core/Plugin";
import * as Config from "effect/Config";
import type * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import type * as Redacted from "effect/Redacted";
export interface Options {
    readonly port?: number | undefined;
    readonly ifAddr?: string | undefined;
    readonly multicastAddr?: string | undefined;
    readonly multicastTtl?: number | undefined;
    readonly multicastIf?: string | ReadonlyArray<string> | undefined;
    readonly broadcastOnly?: boolean | undefined;
    readonly interval?: Duration.Input | undefined;
    readonly lifetime?: Duration.Input | undefined;
    readonly format?: "gc" | "libcluster" | undefined;
    readonly secret?: Redacted.Redacted | undefined;
    readonly insecure?: boolean | undefined;
}
export declare const make: (options?: Options | undefined) => Effect.Effect<Discovery.Source, Discovery.DiscoveryError, never>;
export declare const layer: (options?: Options) => Layer.Layer<Discovery.Discovery, Discovery.DiscoveryError>;
export declare const layerConfig: (options: Config.Wrap<Options>) => Layer.Layer<Discovery.Discovery, Config.ConfigError | Discovery.DiscoveryError>;
export declare const plugin: Plugin.DiscoveryPlugin<Options>;

// ---- @gc/discovery-gossip: index
export * from "./Gossip.ts";
