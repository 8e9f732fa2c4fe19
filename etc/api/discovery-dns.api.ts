// The API of @gc/discovery-dns. Made by "npm run api"; a change of it needs a changeset.

// ---- @gc/discovery-dns: Dns
import * as Discovery from "@gc/core/Discovery";
import * as Plugin from "@gc/core/Plugin";
import * as Config from "effect/Config";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Resolver from "./Resolver.ts";
export type Type = "A" | "AAAA" | "SRV";
export interface Options extends Resolver.Options {
    readonly domain: string | ReadonlyArray<string>;
    readonly type?: Type | ReadonlyArray<Type> | undefined;
    readonly hostType?: "ip" | "hostname" | undefined;
    readonly basename?: string | undefined;
    readonly port?: number | undefined;
    readonly protocol?: string | undefined;
    readonly refreshInterval?: Duration.Input | undefined;
    readonly respectTtl?: boolean | undefined;
}
export declare const maxPeers = 4096;
export declare const make: (options: Options) => Effect.Effect<Discovery.Source, Discovery.DiscoveryError, never>;
export declare const layer: (options: Options) => Layer.Layer<Discovery.Discovery, Discovery.DiscoveryError>;
export declare const layerConfig: (options: Config.Wrap<Options>) => Layer.Layer<Discovery.Discovery, Config.ConfigError | Discovery.DiscoveryError>;
export declare const plugin: Plugin.DiscoveryPlugin<Options>;

// ---- @gc/discovery-dns: ResolveError
import * as Schema from "effect/Schema";
declare const ServerFailure_base: Schema.Class<ServerFailure, Schema.TaggedStruct<"ServerFailure", {
    readonly server: Schema.String;
    readonly rcode: Schema.String;
}>, import("effect/Cause").YieldableError>;
export declare class ServerFailure extends ServerFailure_base {
    get message(): string;
}
declare const ServerUnreachable_base: Schema.Class<ServerUnreachable, Schema.TaggedStruct<"ServerUnreachable", {
    readonly server: Schema.String;
    readonly code: Schema.String;
}>, import("effect/Cause").YieldableError>;
export declare class ServerUnreachable extends ServerUnreachable_base {
    get message(): string;
}
declare const AnswerTruncated_base: Schema.Class<AnswerTruncated, Schema.TaggedStruct<"AnswerTruncated", {
    readonly server: Schema.String;
    readonly detail: Schema.String;
}>, import("effect/Cause").YieldableError>;
export declare class AnswerTruncated extends AnswerTruncated_base {
    get message(): string;
}
declare const NoAnswer_base: Schema.Class<NoAnswer, Schema.TaggedStruct<"NoAnswer", {
    readonly servers: Schema.$Array<Schema.String>;
    readonly millis: Schema.Finite;
    readonly ignored: Schema.Int;
}>, import("effect/Cause").YieldableError>;
export declare class NoAnswer extends NoAnswer_base {
    get message(): string;
}
declare const AliasesEndless_base: Schema.Class<AliasesEndless, Schema.TaggedStruct<"AliasesEndless", {
    readonly server: Schema.String;
    readonly alias: Schema.String;
}>, import("effect/Cause").YieldableError>;
export declare class AliasesEndless extends AliasesEndless_base {
    get message(): string;
}
declare const NameInvalid_base: Schema.Class<NameInvalid, Schema.TaggedStruct<"NameInvalid", {
    readonly detail: Schema.String;
}>, import("effect/Cause").YieldableError>;
export declare class NameInvalid extends NameInvalid_base {
    get message(): string;
}
declare const ConfigurationUnreadable_base: Schema.Class<ConfigurationUnreadable, Schema.TaggedStruct<"ConfigurationUnreadable", {
    readonly path: Schema.String;
    readonly code: Schema.String;
}>, import("effect/Cause").YieldableError>;
export declare class ConfigurationUnreadable extends ConfigurationUnreadable_base {
    get message(): string;
}
export declare const ResolveReason: Schema.Union<readonly [typeof ServerFailure, typeof ServerUnreachable, typeof AnswerTruncated, typeof NoAnswer, typeof AliasesEndless, typeof NameInvalid, typeof ConfigurationUnreadable]>;
export type ResolveReason = typeof ResolveReason.Type;
declare const ResolveError_base: Schema.Class<ResolveError, Schema.TaggedStruct<"ResolveError", {
    readonly name: Schema.String;
    readonly type: Schema.String;
    readonly reason: Schema.Union<readonly [typeof ServerFailure, typeof ServerUnreachable, typeof AnswerTruncated, typeof NoAnswer, typeof AliasesEndless, typeof NameInvalid, typeof ConfigurationUnreadable]>;
    readonly searched: Schema.optionalKey<Schema.String>;
}>, import("effect/Cause").YieldableError>;
export declare class ResolveError extends ResolveError_base {
    get message(): string;
}
declare const OptionsInvalid_base: Schema.Class<OptionsInvalid, Schema.TaggedStruct<"OptionsInvalid", {
    readonly option: Schema.String;
    readonly expected: Schema.String;
}>, import("effect/Cause").YieldableError>;
export declare class OptionsInvalid extends OptionsInvalid_base {
    get message(): string;
}
export {};

// ---- @gc/discovery-dns: Resolver
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import type { OptionsInvalid, ResolveError } from "./ResolveError.ts";
export * from "./ResolveError.ts";
export type RecordType = "A" | "AAAA" | "PTR" | "SRV";
export interface Srv {
    readonly target: string;
    readonly port: number;
    readonly priority: number;
    readonly weight: number;
}
export interface Records {
    readonly A: string;
    readonly AAAA: string;
    readonly PTR: string;
    readonly SRV: Srv;
}
export interface Answer<Type extends RecordType = RecordType> {
    readonly type: Type;
    readonly outcome: "Found" | "NoData" | "NoName";
    readonly asked: string;
    readonly name: string;
    readonly records: ReadonlyArray<Records[Type]>;
    readonly additional: ReadonlyArray<Additional>;
    readonly ttl: number | undefined;
    readonly server: string;
}
export interface Additional {
    readonly name: string;
    readonly type: "A" | "AAAA";
    readonly address: string;
    readonly ttl: number;
}
export interface Options {
    readonly servers?: ReadonlyArray<string> | undefined;
    readonly search?: ReadonlyArray<string> | undefined;
    readonly ndots?: number | undefined;
    readonly attempts?: number | undefined;
    readonly patience?: Duration.Input | undefined;
    readonly rotate?: boolean | undefined;
    readonly resolvConf?: string | undefined;
    readonly lookupTimeout?: Duration.Input | undefined;
}
export interface Resolver {
    readonly resolve: <Type extends RecordType>(name: string, type: Type, options?: {
        readonly timeout?: Duration.Input | undefined;
    }) => Effect.Effect<Answer<Type>, ResolveError>;
    readonly resolveTypes: (name: string, types: ReadonlyArray<RecordType>, options?: {
        readonly timeout?: Duration.Input | undefined;
    }) => Effect.Effect<ReadonlyArray<Answer>, ResolveError>;
}
export declare const defaultLookupTimeout: Duration.Duration;
export declare const make: (options?: Options | undefined) => Effect.Effect<Resolver, OptionsInvalid, never>;

// ---- @gc/discovery-dns: index
export * from "./Dns.ts";
export * as Resolver from "./Resolver.ts";
