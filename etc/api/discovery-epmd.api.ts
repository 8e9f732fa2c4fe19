// The API of @gc/discovery-epmd. Made by "npm run api"; a change of it needs a changeset.

// ---- @gc/discovery-epmd: Client
import type * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import type * as Scope from "effect/Scope";
import { type EpmdError } from "./EpmdError.ts";
export * from "./EpmdError.ts";
export declare const defaultPort = 4369;
export declare const maxNames = 4096;
export interface Options {
    readonly port?: number | undefined;
    readonly timeout?: Duration.Input | undefined;
}
export interface Listed {
    readonly name: string;
    readonly port: number;
}
export interface Node {
    readonly name: string;
    readonly port: number;
    readonly hidden?: boolean | undefined;
    readonly extra?: Uint8Array | undefined;
}
export interface Registered {
    readonly name: string;
    readonly port: number;
    readonly hidden: boolean;
    readonly protocol: number;
    readonly versions: readonly [lowest: number, highest: number];
    readonly extra: Uint8Array;
}
export interface Registration {
    readonly creation: number;
    readonly lost: Effect.Effect<EpmdError>;
}
export declare const names: (host: string, options?: Options) => Effect.Effect<ReadonlyArray<Listed>, EpmdError>;
export declare const port: (name: string, host: string, options?: Options) => Effect.Effect<Option.Option<Registered>, EpmdError>;
export declare const register: (node: Node, host: string, options?: Options | undefined) => Effect.Effect<Registration, EpmdError, Scope.Scope>;

// ---- @gc/discovery-epmd: Daemon
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";
import { EpmdError } from "./EpmdError.ts";
export * from "./EpmdError.ts";
export interface Options {
    readonly host?: string | undefined;
    readonly port?: number | undefined;
    readonly maxConnections?: number | undefined;
    readonly maxNames?: number | undefined;
    readonly idleTimeout?: Duration.Input | undefined;
}
export interface Daemon {
    readonly port: number;
    readonly names: Effect.Effect<number>;
    readonly killed: Effect.Effect<void>;
}
export declare const serve: (given?: Options | undefined) => Effect.Effect<Daemon, EpmdError, Scope.Scope>;

// ---- @gc/discovery-epmd: Epmd
import * as Discovery from "@gc/core/Discovery";
import { NameResolver } from "@gc/core/NameResolver";
import * as Plugin from "@gc/core/Plugin";
import * as Config from "effect/Config";
import type * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import type { Options as DaemonOptions } from "./Daemon.ts";
export interface Options {
    readonly hosts?: ReadonlyArray<string> | undefined;
    readonly port?: number | undefined;
    readonly register?: boolean | undefined;
    readonly interval?: Duration.Input | undefined;
    readonly timeout?: Duration.Input | undefined;
    readonly daemon?: boolean | Omit<DaemonOptions, "port"> | undefined;
}
export interface ResolverOptions {
    readonly port?: number | undefined;
    readonly timeout?: Duration.Input | undefined;
    readonly fallbackPort?: number | undefined;
}
export interface ConfigOptions extends Omit<Options, "daemon"> {
    readonly daemon?: boolean | undefined;
}
export declare const make: (options?: Options) => Effect.Effect<Discovery.Source, Discovery.DiscoveryError>;
export declare const layer: (options?: Options) => Layer.Layer<Discovery.Discovery, Discovery.DiscoveryError>;
export declare const layerConfig: (options: Config.Wrap<ConfigOptions>) => Layer.Layer<Discovery.Discovery, Config.ConfigError | Discovery.DiscoveryError>;
export declare const makeResolver: (options?: ResolverOptions) => Effect.Effect<NameResolver, Discovery.DiscoveryError>;
export declare const layerResolver: (options?: ResolverOptions) => Layer.Layer<never, Discovery.DiscoveryError>;
export declare const layerResolverConfig: (options: Config.Wrap<ResolverOptions>) => Layer.Layer<never, Config.ConfigError | Discovery.DiscoveryError>;
export declare const plugin: Plugin.DiscoveryPlugin<Options>;
export declare const resolverPlugin: Plugin.ResolverPlugin<ResolverOptions>;

// ---- @gc/discovery-epmd: EpmdError
import * as Schema from "effect/Schema";
declare const Unreachable_base: Schema.Class<Unreachable, Schema.TaggedStruct<"Unreachable", {
    readonly code: Schema.String;
}>, import("effect/Cause").YieldableError>;
export declare class Unreachable extends Unreachable_base {
    get message(): string;
}
declare const NoAnswer_base: Schema.Class<NoAnswer, Schema.TaggedStruct<"NoAnswer", {
    readonly millis: Schema.Finite;
}>, import("effect/Cause").YieldableError>;
export declare class NoAnswer extends NoAnswer_base {
    get message(): string;
}
declare const Dropped_base: Schema.Class<Dropped, Schema.TaggedStruct<"Dropped", {}>, import("effect/Cause").YieldableError>;
export declare class Dropped extends Dropped_base {
    get message(): string;
}
declare const Malformed_base: Schema.Class<Malformed, Schema.TaggedStruct<"Malformed", {
    readonly detail: Schema.String;
}>, import("effect/Cause").YieldableError>;
export declare class Malformed extends Malformed_base {
    get message(): string;
}
declare const NameTaken_base: Schema.Class<NameTaken, Schema.TaggedStruct<"NameTaken", {
    readonly name: Schema.String;
}>, import("effect/Cause").YieldableError>;
export declare class NameTaken extends NameTaken_base {
    get message(): string;
}
declare const BindFailed_base: Schema.Class<BindFailed, Schema.TaggedStruct<"BindFailed", {
    readonly code: Schema.String;
}>, import("effect/Cause").YieldableError>;
export declare class BindFailed extends BindFailed_base {
    get message(): string;
}
declare const OptionInvalid_base: Schema.Class<OptionInvalid, Schema.TaggedStruct<"OptionInvalid", {
    readonly detail: Schema.String;
}>, import("effect/Cause").YieldableError>;
export declare class OptionInvalid extends OptionInvalid_base {
    get message(): string;
}
export declare const EpmdReason: Schema.Union<readonly [typeof Unreachable, typeof NoAnswer, typeof Dropped, typeof Malformed, typeof NameTaken, typeof BindFailed, typeof OptionInvalid]>;
export type EpmdReason = typeof EpmdReason.Type;
declare const EpmdError_base: Schema.Class<EpmdError, Schema.TaggedStruct<"EpmdError", {
    readonly host: Schema.String;
    readonly port: Schema.Finite;
    readonly reason: Schema.Union<readonly [typeof Unreachable, typeof NoAnswer, typeof Dropped, typeof Malformed, typeof NameTaken, typeof BindFailed, typeof OptionInvalid]>;
}>, import("effect/Cause").YieldableError>;
export declare class EpmdError extends EpmdError_base {
    get message(): string;
}
export {};

// ---- @gc/discovery-epmd: index
export * from "./Epmd.ts";
export * as Client from "./Client.ts";
export * as Daemon from "./Daemon.ts";
