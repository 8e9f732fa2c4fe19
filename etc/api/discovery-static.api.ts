// The API of @gc/discovery-static. Made by "npm run api"; a change of it needs a changeset.

// ---- @gc/discovery-static: Static
import * as Discovery from "@gc/core/Discovery";
import * as Peer from "@gc/core/Peer";
import * as Plugin from "@gc/core/Plugin";
import * as Config from "effect/Config";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
export type Entry = string | Peer.Peer;
export interface Options {
    readonly protocol?: string | undefined;
}
export interface Settings extends Options {
    readonly nodes: ReadonlyArray<string>;
}
export declare const make: (entries: readonly Entry[], options?: Options | undefined) => Effect.Effect<Discovery.Source, Discovery.DiscoveryError, never>;
export declare const layer: (entries: ReadonlyArray<Entry>, options?: Options) => Layer.Layer<Discovery.Discovery, Discovery.DiscoveryError>;
export declare const layerConfig: (settings: Config.Wrap<Settings>) => Layer.Layer<Discovery.Discovery, Config.ConfigError | Discovery.DiscoveryError>;
export declare const plugin: Plugin.DiscoveryPlugin<Settings>;

// ---- @gc/discovery-static: index
export * from "./Static.ts";
