// The API of @gc/core. Made by "npm run api"; a change of it needs a changeset.

// ---- @gc/core: Address
import * as Result from "effect/Result";
import * as Schema from "effect/Schema";
export interface Address {
    readonly protocol: string;
    readonly host: string;
    readonly port: number;
    readonly path: string;
}
export declare const parse: (text: string) => Result.Result<Address, string>;
export declare const parseUnsafe: (text: string) => Address;
export declare const make: (protocol: string, host: string, port: number, path?: string) => Address;
export declare const format: (address: Address) => string;
export declare const isDialable: (address: Address) => boolean;
export declare const isLoopback: (address: Address) => boolean;
export declare const isUnspecified: (host: string) => boolean;
export declare const FromString: Schema.Codec<Address, string>;

// ---- @gc/core: Channel
import type { NonEmptyReadonlyArray } from "effect/Array";
import type * as Effect from "effect/Effect";
import type * as Schema from "effect/Schema";
import type * as Scope from "effect/Scope";
import type * as Stream from "effect/Stream";
import type { ChannelError } from "./ChannelError.ts";
import { Cluster } from "./Cluster.ts";
import type { NodeName } from "./NodeName.ts";
export * from "./ChannelError.ts";
export interface Message<A> {
    readonly from: NodeName;
    readonly message: A;
}
export interface Channel<A> {
    readonly name: string;
    readonly send: (node: NodeName, message: A) => Effect.Effect<void, ChannelError>;
    readonly broadcast: (message: A) => Effect.Effect<ReadonlyArray<NodeName>, ChannelError>;
    readonly messages: Stream.Stream<Message<A>>;
}
export interface ByteChannel {
    readonly name: string;
    readonly send: (node: NodeName, bytes: Uint8Array) => Effect.Effect<void, ChannelError>;
    readonly sendAll: (node: NodeName, batch: ReadonlyArray<Uint8Array>) => Effect.Effect<void, ChannelError>;
    readonly broadcast: (bytes: Uint8Array) => Effect.Effect<ReadonlyArray<NodeName>, ChannelError>;
    readonly receive: Effect.Effect<NonEmptyReadonlyArray<Message<Uint8Array>>>;
}
export declare const make: <A, I>(name: string, schema: Schema.Codec<A, I>) => Effect.Effect<Channel<A>, ChannelError, Cluster | Scope.Scope>;
export declare const bytes: (name: string) => Effect.Effect<ByteChannel, ChannelError, Cluster | Scope.Scope>;

// ---- @gc/core: ChannelError
import * as Schema from "effect/Schema";
declare const NotConnected_base: Schema.Class<NotConnected, Schema.TaggedStruct<"NotConnected", {}>, import("effect/Cause").YieldableError>;
export declare class NotConnected extends NotConnected_base {
    get message(): string;
}
declare const LinkLost_base: Schema.Class<LinkLost, Schema.TaggedStruct<"LinkLost", {}>, import("effect/Cause").YieldableError>;
export declare class LinkLost extends LinkLost_base {
    get message(): string;
}
declare const MessageTooLarge_base: Schema.Class<MessageTooLarge, Schema.TaggedStruct<"MessageTooLarge", {
    readonly bytes: Schema.Finite;
    readonly limit: Schema.Finite;
}>, import("effect/Cause").YieldableError>;
export declare class MessageTooLarge extends MessageTooLarge_base {
    get message(): string;
}
declare const EncodeFailed_base: Schema.Class<EncodeFailed, Schema.TaggedStruct<"EncodeFailed", {
    readonly detail: Schema.String;
}>, import("effect/Cause").YieldableError>;
export declare class EncodeFailed extends EncodeFailed_base {
    get message(): string;
}
declare const ChannelUnavailable_base: Schema.Class<ChannelUnavailable, Schema.TaggedStruct<"ChannelUnavailable", {
    readonly detail: Schema.String;
}>, import("effect/Cause").YieldableError>;
export declare class ChannelUnavailable extends ChannelUnavailable_base {
    get message(): string;
}
export declare const ChannelReason: Schema.Union<readonly [typeof NotConnected, typeof LinkLost, typeof MessageTooLarge, typeof EncodeFailed, typeof ChannelUnavailable]>;
export type ChannelReason = typeof ChannelReason.Type;
declare const ChannelError_base: Schema.Class<ChannelError, Schema.TaggedStruct<"ChannelError", {
    readonly channel: Schema.String;
    readonly node: Schema.String;
    readonly reason: Schema.Union<readonly [typeof NotConnected, typeof LinkLost, typeof MessageTooLarge, typeof EncodeFailed, typeof ChannelUnavailable]>;
}>, import("effect/Cause").YieldableError>;
export declare class ChannelError extends ChannelError_base {
    get message(): string;
}
export {};

// ---- @gc/core: Cluster
import * as Config from "effect/Config";
import * as Context from "effect/Context";
import type * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import type * as Redacted from "effect/Redacted";
import type * as Scope from "effect/Scope";
import type * as Stream from "effect/Stream";
import type { ByteChannel } from "./Channel.ts";
import type { ChannelError } from "./ChannelError.ts";
import type { ClusterError, ConnectError, AwaitTimeout, OptionInvalid } from "./ClusterError.ts";
import type { ClusterEvent } from "./ClusterEvent.ts";
import type { ConfigurationError } from "./ConfigurationError.ts";
import type { Diagnosis } from "./Diagnosis.ts";
import type { Discovery, DiscoveryError } from "./Discovery.ts";
import type { LocalNode } from "./LocalNode.ts";
import type { Member } from "./Member.ts";
import type { NodeName } from "./NodeName.ts";
import type { Peer } from "./Peer.ts";
import type { Plugins } from "./Plugin.ts";
import type { SecurityMode, Transport } from "./Transport.ts";
export * from "./ClusterError.ts";
export type * from "./Diagnosis.ts";
export type Preset = "lan" | "lossy" | "wan" | "test" | "erlang";
export interface Detector {
    readonly heartbeat: Duration.Input;
    readonly suspectAfter: Duration.Input;
    readonly downAfter: Duration.Input;
}
export interface LabelledCookie {
    readonly label: string;
    readonly cookie: string | Redacted.Redacted<string>;
}
export type Cookie = string | Redacted.Redacted<string> | ReadonlyArray<LabelledCookie>;
export interface Candidate {
    readonly name: NodeName;
    readonly addresses: ReadonlyArray<string>;
    readonly appVersion: string | undefined;
}
export interface Options {
    readonly cluster: string;
    readonly node?: string | undefined;
    readonly cookie?: Cookie | undefined;
    readonly cookieFile?: string | undefined;
    readonly refreshInterval?: Duration.Input | undefined;
    readonly reconnect?: "never" | {
        readonly initial?: Duration.Input | undefined;
        readonly factor?: number | undefined;
        readonly max?: Duration.Input | undefined;
    } | undefined;
    readonly onRemoved?: "keep" | "disconnect" | {
        readonly disconnectAfter: Duration.Input;
    } | undefined;
    readonly detector?: Preset | Detector | undefined;
    readonly metadata?: Readonly<Record<string, string>> | undefined;
    readonly security?: SecurityMode | undefined;
    readonly allowPlaintext?: boolean | undefined;
    readonly admit?: ((peer: Candidate) => boolean) | undefined;
    readonly peerExchange?: boolean | undefined;
    readonly maxPendingPerHost?: number | undefined;
    readonly maxMembers?: number | undefined;
    readonly maxMessageSize?: number | undefined;
    readonly appVersion?: string | undefined;
}
export interface Service {
    readonly self: LocalNode;
    readonly members: Effect.Effect<ReadonlyArray<Member>>;
    readonly events: Stream.Stream<ClusterEvent>;
    readonly connect: (peer: Peer) => Effect.Effect<Member, ConnectError>;
    readonly diagnose: (peer: Peer) => Effect.Effect<Diagnosis>;
    readonly disconnect: (node: NodeName) => Effect.Effect<void>;
    readonly awaitMembers: (members: number | ReadonlyArray<string>, options?: {
        readonly timeout?: Duration.Input | undefined;
    }) => Effect.Effect<void, AwaitTimeout>;
    readonly updateMetadata: (metadata: Readonly<Record<string, string>>) => Effect.Effect<void, OptionInvalid>;
    readonly leave: Effect.Effect<void>;
    readonly openChannel: (name: string) => Effect.Effect<ByteChannel, ChannelError, Scope.Scope>;
}
declare const Cluster_base: Context.ServiceClass<Cluster, "@gc/core/Cluster", Service>;
export declare class Cluster extends Cluster_base {
}
export declare const make: (options: Options) => Effect.Effect<Service, ClusterError, Discovery | Transport | Scope.Scope>;
export declare const layer: (options: Options) => Layer.Layer<Cluster, ClusterError, Discovery | Transport>;
export declare const layerConfig: (options: Config.Wrap<Options>) => Layer.Layer<Cluster, Config.ConfigError | ClusterError, Discovery | Transport>;
export declare const layerFile: (path: string, plugins: Plugins) => Layer.Layer<Cluster, ClusterError | DiscoveryError | ConfigurationError>;
export declare const layerEnvironment: (plugins: Plugins) => Layer.Layer<Cluster, ClusterError | DiscoveryError | ConfigurationError>;

// ---- @gc/core: ClusterError
import * as Schema from "effect/Schema";
import { TransportError } from "./TransportError.ts";
declare const OptionInvalid_base: Schema.Class<OptionInvalid, Schema.TaggedStruct<"OptionInvalid", {
    readonly key: Schema.String;
    readonly value: Schema.String;
    readonly expected: Schema.String;
}>, import("effect/Cause").YieldableError>;
export declare class OptionInvalid extends OptionInvalid_base {
    get message(): string;
}
declare const CookieUnreadable_base: Schema.Class<CookieUnreadable, Schema.TaggedStruct<"CookieUnreadable", {
    readonly path: Schema.String;
    readonly detail: Schema.String;
}>, import("effect/Cause").YieldableError>;
export declare class CookieUnreadable extends CookieUnreadable_base {
    get message(): string;
}
declare const CookieExposed_base: Schema.Class<CookieExposed, Schema.TaggedStruct<"CookieExposed", {
    readonly path: Schema.String;
    readonly mode: Schema.String;
}>, import("effect/Cause").YieldableError>;
export declare class CookieExposed extends CookieExposed_base {
    get message(): string;
}
declare const ListenFailed_base: Schema.Class<ListenFailed, Schema.TaggedStruct<"ListenFailed", {
    readonly error: typeof TransportError;
}>, import("effect/Cause").YieldableError>;
export declare class ListenFailed extends ListenFailed_base {
    get message(): string;
}
export declare const ClusterReason: Schema.Union<readonly [typeof OptionInvalid, typeof CookieUnreadable, typeof CookieExposed, typeof ListenFailed]>;
export type ClusterReason = typeof ClusterReason.Type;
declare const ClusterError_base: Schema.Class<ClusterError, Schema.TaggedStruct<"ClusterError", {
    readonly reason: Schema.Union<readonly [typeof OptionInvalid, typeof CookieUnreadable, typeof CookieExposed, typeof ListenFailed]>;
}>, import("effect/Cause").YieldableError>;
export declare class ClusterError extends ClusterError_base {
    get message(): string;
}
declare const ConnectError_base: Schema.Class<ConnectError, Schema.TaggedStruct<"ConnectError", {
    readonly peer: Schema.String;
    readonly reason: Schema.Literals<readonly ["refused", "failed", "self", "leaving", "unknown", "version_unsupported", "busy", "malformed", "auth_failed", "cluster_mismatch", "name_mismatch", "name_conflict", "stale_incarnation", "already_connected", "self_connect", "not_admitted", "shutting_down", "capability_missing", "too_many_peers"]>;
    readonly detail: Schema.String;
}>, import("effect/Cause").YieldableError>;
export declare class ConnectError extends ConnectError_base {
    get message(): string;
}
declare const AwaitTimeout_base: Schema.Class<AwaitTimeout, Schema.TaggedStruct<"AwaitTimeout", {
    readonly millis: Schema.Finite;
    readonly wanted: Schema.String;
    readonly present: Schema.$Array<Schema.String>;
    readonly left: Schema.Boolean;
}>, import("effect/Cause").YieldableError>;
export declare class AwaitTimeout extends AwaitTimeout_base {
    get message(): string;
}
export {};

// ---- @gc/core: ClusterEvent
import type { Member } from "./Member.ts";
export type DownReason = "closed" | "timeout" | "restarted" | "disconnected";
export type ClusterEvent = {
    readonly _tag: "Up";
    readonly member: Member;
} | {
    readonly _tag: "Updated";
    readonly member: Member;
} | {
    readonly _tag: "Suspected";
    readonly member: Member;
} | {
    readonly _tag: "Recovered";
    readonly member: Member;
} | {
    readonly _tag: "Unreachable";
    readonly member: Member;
} | {
    readonly _tag: "Reachable";
    readonly member: Member;
} | {
    readonly _tag: "Down";
    readonly member: Member;
    readonly reason: DownReason;
} | {
    readonly _tag: "Left";
    readonly member: Member;
} | {
    readonly _tag: "Removed";
    readonly member: Member;
}
 | {
    readonly _tag: "NameConflict";
    readonly member: Member;
    readonly instance: string;
};

// ---- @gc/core: Configuration
import type * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import type * as Option from "effect/Option";
import { Cluster, type ClusterError, type Options } from "./Cluster.ts";
import type { ConfigurationError } from "./ConfigurationError.ts";
import type { Discovery, DiscoveryError } from "./Discovery.ts";
import type { Plugins } from "./Plugin.ts";
import type { SecurityMode, Transport } from "./Transport.ts";
export * from "./ConfigurationError.ts";
export interface ConfiguredTransport {
    readonly key: string;
    readonly security: SecurityMode;
    readonly settings: unknown;
    readonly layer: Layer.Layer<Transport, ConfigurationError>;
}
export interface ConfiguredDiscovery {
    readonly key: string;
    readonly settings: unknown;
    readonly layer: Layer.Layer<Discovery, DiscoveryError | ConfigurationError>;
}
export interface ConfiguredResolver {
    readonly key: string;
    readonly settings: unknown;
    readonly layer: Layer.Layer<never, DiscoveryError | ConfigurationError>;
}
export interface Configuration {
    readonly source: string;
    readonly options: Options;
    readonly transports: ReadonlyArray<ConfiguredTransport>;
    readonly discoveries: ReadonlyArray<ConfiguredDiscovery>;
    readonly resolver: ConfiguredResolver | undefined;
    readonly warnings: ReadonlyArray<string>;
}
export interface NamedPlugin {
    readonly key: string;
    readonly package?: string | undefined;
}
export interface Named {
    readonly discovery: ReadonlyArray<NamedPlugin>;
    readonly transport: ReadonlyArray<NamedPlugin>;
    readonly resolver: ReadonlyArray<NamedPlugin>;
    readonly empty: boolean;
}
export interface ReferenceRow {
    readonly key: string;
    readonly environment: string;
    readonly expected: string;
    readonly default: string | undefined;
    readonly description: string;
    readonly required: boolean;
}
export declare const read: (path: string | undefined, plugins: Plugins) => Effect.Effect<Option.Option<Configuration>, ConfigurationError>;
export declare const named: (path: string | undefined) => Effect.Effect<Named, ConfigurationError>;
export declare const layer: (configuration: Configuration) => Layer.Layer<Cluster, ClusterError | DiscoveryError | ConfigurationError>;
export declare const jsonSchema: (plugins: Plugins) => Readonly<Record<string, unknown>>;
export declare const reference: (plugins: Plugins) => ReadonlyArray<ReferenceRow>;

// ---- @gc/core: ConfigurationError
import * as Schema from "effect/Schema";
declare const FileUnreadable_base: Schema.Class<FileUnreadable, Schema.TaggedStruct<"FileUnreadable", {
    readonly path: Schema.String;
    readonly detail: Schema.String;
    readonly remedy: Schema.String;
}>, import("effect/Cause").YieldableError>;
export declare class FileUnreadable extends FileUnreadable_base {
    get message(): string;
}
declare const FileMalformed_base: Schema.Class<FileMalformed, Schema.TaggedStruct<"FileMalformed", {
    readonly path: Schema.String;
    readonly line: Schema.Finite;
    readonly column: Schema.Finite;
    readonly detail: Schema.String;
}>, import("effect/Cause").YieldableError>;
export declare class FileMalformed extends FileMalformed_base {
    get message(): string;
}
export declare const Problem: Schema.Struct<{
    readonly key: Schema.String;
    readonly value: Schema.String;
    readonly expected: Schema.String;
}>;
export type Problem = typeof Problem.Type;
declare const ValuesInvalid_base: Schema.Class<ValuesInvalid, Schema.TaggedStruct<"ValuesInvalid", {
    readonly source: Schema.String;
    readonly problems: Schema.$Array<Schema.Struct<{
        readonly key: Schema.String;
        readonly value: Schema.String;
        readonly expected: Schema.String;
    }>>;
}>, import("effect/Cause").YieldableError>;
export declare class ValuesInvalid extends ValuesInvalid_base {
    get message(): string;
}
export declare const ConfigurationReason: Schema.Union<readonly [typeof FileUnreadable, typeof FileMalformed, typeof ValuesInvalid]>;
export type ConfigurationReason = typeof ConfigurationReason.Type;
declare const ConfigurationError_base: Schema.Class<ConfigurationError, Schema.TaggedStruct<"ConfigurationError", {
    readonly reason: Schema.Union<readonly [typeof FileUnreadable, typeof FileMalformed, typeof ValuesInvalid]>;
}>, import("effect/Cause").YieldableError>;
export declare class ConfigurationError extends ConfigurationError_base {
    get message(): string;
}
export {};

// ---- @gc/core: Diagnosis
import type * as Address from "./Address.ts";
import type { NodeName } from "./NodeName.ts";
export type DiagnosisReason = "name_unknown" | "host_unknown" | "refused" | "no_answer" | "no_connection" | "no_transport" | "mode_mismatch" | "wrong_cookie" | "other_cluster" | "certificate_expired" | "certificate_not_yet_valid" | "certificate_refused" | "certificate_name" | "plaintext_refused" | "upgrade_refused" | "hangs" | "version_unsupported" | "busy" | "no_gc_node" | "another_node" | "self_connect" | "name_conflict" | "not_admitted" | "shutting_down" | "too_many_peers" | "malformed";
export interface DiagnosisStep {
    readonly step: "resolve" | "connect" | "secure" | "hello" | "authenticate" | "admit";
    readonly ok: boolean;
    readonly detail: string;
    readonly reason?: DiagnosisReason;
    readonly remedy?: string;
}
export interface DiagnosedNode {
    readonly name: NodeName;
    readonly instance: string;
    readonly generation: number;
    readonly addresses: ReadonlyArray<Address.Address>;
    readonly appVersion: string | undefined;
}
export interface Diagnosis {
    readonly peer: string;
    readonly address: string | undefined;
    readonly ok: boolean;
    readonly steps: ReadonlyArray<DiagnosisStep>;
    readonly node?: DiagnosedNode | undefined;
}

// ---- @gc/core: Discovery
import type { NonEmptyReadonlyArray } from "effect/Array";
import * as Context from "effect/Context";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import type * as Option from "effect/Option";
import type * as Redacted from "effect/Redacted";
import type * as Stream from "effect/Stream";
import type { DiscoveryError } from "./DiscoveryError.ts";
import type { LocalNode } from "./LocalNode.ts";
import type { Peer } from "./Peer.ts";
export * from "./DiscoveryError.ts";
export type Look = Peers | Unknown;
export interface Peers {
    readonly _tag: "Peers";
    readonly source: string;
    readonly peers: ReadonlyArray<Peer>;
}
export interface Unknown {
    readonly _tag: "Unknown";
    readonly source: string;
    readonly error: DiscoveryError;
}
export interface LabelledKey {
    readonly label: string;
    readonly key: Redacted.Redacted<Uint8Array>;
}
export interface DiscoveryContext {
    readonly self: LocalNode;
    readonly key: (purpose: string) => Option.Option<Redacted.Redacted<Uint8Array>>;
    readonly keys: (purpose: string) => ReadonlyArray<LabelledKey>;
    readonly announce?: boolean | undefined;
}
export interface Source {
    readonly name: string;
    readonly looks: (context: DiscoveryContext) => Stream.Stream<Look, DiscoveryError>;
    readonly sources?: ReadonlyArray<Source> | undefined;
}
declare const Discovery_base: Context.ServiceClass<Discovery, "@gc/core/Discovery", Source>;
export declare class Discovery extends Discovery_base {
}
export declare const RefreshInterval: Context.Reference<Duration.Duration>;
export declare const peers: (found: ReadonlyArray<Peer>) => Look;
export declare const unknown: (error: DiscoveryError) => Look;
export declare const make: (options: {
    readonly name: string;
    readonly looks: (context: DiscoveryContext) => Stream.Stream<Look, DiscoveryError>;
}) => Source;
export declare const poll: <E>(options: {
    readonly name: string;
    readonly lookup: (self: LocalNode, context: DiscoveryContext) => Effect.Effect<ReadonlyArray<Peer>, E>;
    readonly interval?: Duration.Input | undefined;
    readonly timeout?: Duration.Input | undefined;
}) => Source;
export declare const empty: Source;
export declare const merge: (...sources: ReadonlyArray<Source>) => Source;
export declare const layerMerge: <const Layers extends NonEmptyReadonlyArray<Layer.Layer<Discovery, unknown, unknown>>>(...layers: Layers) => Layer.Layer<Discovery, Layer.Error<Layers[number]>, Layer.Services<Layers[number]>>;
export declare const orElse: {
    (that: Source): (self: Source) => Source;
    (self: Source, that: Source): Source;
};
export declare const filter: {
    (predicate: (peer: Peer) => boolean): (self: Source) => Source;
    (self: Source, predicate: (peer: Peer) => boolean): Source;
};
export declare const mapPeers: {
    (f: (peer: Peer) => Peer): (self: Source) => Source;
    (self: Source, f: (peer: Peer) => Peer): Source;
};
export declare const withLastGood: (self: Source) => Source;

// ---- @gc/core: DiscoveryError
import * as Schema from "effect/Schema";
export type DiscoveryCode = "no_answer" | "unreachable" | "entry_invalid" | "option_wrong" | "cannot_listen" | "servfail" | "dns_refused" | "epmd_not_running" | "epmd_unreachable" | "nobody_heard" | "no_multicast" | "wrong_cookie" | "other_cluster" | "wrong_clock" | "wrong_name" | "no_cookie" | (string & Record<never, never>);
declare const LookFailed_base: Schema.Class<LookFailed, Schema.TaggedStruct<"LookFailed", {
    readonly detail: Schema.String;
    readonly code: Schema.optionalKey<Schema.String>;
    readonly cause: Schema.optionalKey<Schema.Defect>;
}>, import("effect/Cause").YieldableError>;
export declare class LookFailed extends LookFailed_base {
    get message(): string;
}
declare const LookTimeout_base: Schema.Class<LookTimeout, Schema.TaggedStruct<"LookTimeout", {
    readonly millis: Schema.Finite;
}>, import("effect/Cause").YieldableError>;
export declare class LookTimeout extends LookTimeout_base {
    get code(): DiscoveryCode;
    get message(): string;
}
declare const EntryInvalid_base: Schema.Class<EntryInvalid, Schema.TaggedStruct<"EntryInvalid", {
    readonly entry: Schema.String;
    readonly expected: Schema.String;
    readonly others: Schema.optionalKey<Schema.$Array<Schema.Struct<{
        readonly entry: Schema.String;
        readonly expected: Schema.String;
    }>>>;
}>, import("effect/Cause").YieldableError>;
export declare class EntryInvalid extends EntryInvalid_base {
    get code(): DiscoveryCode;
    get message(): string;
}
declare const SourceBroken_base: Schema.Class<SourceBroken, Schema.TaggedStruct<"SourceBroken", {
    readonly detail: Schema.String;
    readonly code: Schema.optionalKey<Schema.String>;
    readonly cause: Schema.optionalKey<Schema.Defect>;
}>, import("effect/Cause").YieldableError>;
export declare class SourceBroken extends SourceBroken_base {
    get message(): string;
}
export declare const DiscoveryReason: Schema.Union<readonly [typeof LookFailed, typeof LookTimeout, typeof EntryInvalid, typeof SourceBroken]>;
export type DiscoveryReason = typeof DiscoveryReason.Type;
declare const DiscoveryError_base: Schema.Class<DiscoveryError, Schema.TaggedStruct<"DiscoveryError", {
    readonly source: Schema.String;
    readonly reason: Schema.Union<readonly [typeof LookFailed, typeof LookTimeout, typeof EntryInvalid, typeof SourceBroken]>;
}>, import("effect/Cause").YieldableError>;
export declare class DiscoveryError extends DiscoveryError_base {
    get code(): DiscoveryCode | undefined;
    get message(): string;
}
export {};

// ---- @gc/core: Entropy
import * as Context from "effect/Context";
export declare const Entropy: Context.Reference<{
    readonly bytes: (length: number) => Uint8Array;
}>;

// ---- @gc/core: FrameDecoder
export type { Frame } from "./protocol/frames.ts";
export { type EmptyFrame, FrameDecoder, type TooLarge } from "./protocol/streamDecoder.ts";

// ---- @gc/core: LocalAddress
import * as Option from "effect/Option";
export declare const firstExternal: () => Option.Option<string>;

// ---- @gc/core: LocalNode
import type { Address } from "./Address.ts";
import type { NodeName } from "./NodeName.ts";
export interface LocalNode {
    readonly cluster: string;
    readonly name: NodeName;
    readonly instance: string;
    readonly generation: number;
    readonly addresses: ReadonlyArray<Address>;
}

// ---- @gc/core: Member
import type { Address } from "./Address.ts";
import type { NodeName } from "./NodeName.ts";
export type MemberState = "alive" | "suspect" | "unreachable";
export interface Member {
    readonly name: NodeName;
    readonly instance: string;
    readonly generation: number;
    readonly addresses: ReadonlyArray<Address>;
    readonly metadata: Readonly<Record<string, string>>;
    readonly state: MemberState;
    readonly self: boolean;
    readonly appVersion?: string | undefined;
}

// ---- @gc/core: NameResolver
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import * as Address from "./Address.ts";
import * as NodeName from "./NodeName.ts";
export declare const defaultPort = 4370;
declare const NameResolveError_base: Schema.Class<NameResolveError, Schema.TaggedStruct<"NameResolveError", {
    readonly name: Schema.String;
    readonly detail: Schema.String;
    readonly cause: Schema.optionalKey<Schema.Defect>;
}>, import("effect/Cause").YieldableError>;
export declare class NameResolveError extends NameResolveError_base {
    get message(): string;
}
export interface NameResolver {
    readonly resolve: (name: NodeName.NodeName, protocols: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<Address.Address>, NameResolveError>;
}
export declare const NameResolver: Context.Reference<NameResolver>;
export declare const fromHost: (port: number) => NameResolver;
export {};

// ---- @gc/core: NodeName
import * as Result from "effect/Result";
import * as Schema from "effect/Schema";
export declare const NodeName: Schema.brand<Schema.String, "gc/NodeName">;
export type NodeName = typeof NodeName.Type;
export declare const parse: (text: string) => Result.Result<NodeName, string>;
export declare const make: (text: string) => NodeName;
export declare const basename: (name: NodeName) => string;
export declare const host: (name: NodeName) => string;

// ---- @gc/core: Observer
import type * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";
import type * as Stream from "effect/Stream";
import type { Cookie } from "./Cluster.ts";
import type { ClusterError, ConnectError } from "./ClusterError.ts";
import type { ClusterEvent } from "./ClusterEvent.ts";
import type { Diagnosis } from "./Diagnosis.ts";
import type { DiscoveryContext } from "./Discovery.ts";
import type { LocalNode } from "./LocalNode.ts";
import type { Peer } from "./Peer.ts";
import type { SecurityMode, Transport } from "./Transport.ts";
export interface Options {
    readonly cluster: string;
    readonly cookie?: Cookie | undefined;
    readonly cookieFile?: string | undefined;
    readonly security?: SecurityMode | undefined;
    readonly allowPlaintext?: boolean | undefined;
    readonly name?: string | undefined;
}
export interface Synced {
    readonly _tag: "Synced";
}
export interface Observer {
    readonly self: LocalNode;
    readonly context: DiscoveryContext;
    readonly observe: (peer: Peer) => Stream.Stream<ClusterEvent | Synced, ConnectError>;
    readonly diagnose: (peer: Peer) => Effect.Effect<Diagnosis>;
}
export declare const make: (options: Options) => Effect.Effect<Observer, ClusterError, Transport | Scope.Scope>;

// ---- @gc/core: OptionKeys
export interface UnknownKey {
    readonly key: string;
    readonly expected: string;
}
export declare const nearest: (key: string, known: ReadonlyArray<string>) => string | undefined;
export declare const unknown: (options: object, known: ReadonlyArray<string>, prefix?: string) => UnknownKey | undefined;

// ---- @gc/core: Peer
import * as Address from "./Address.ts";
import type { NodeName } from "./NodeName.ts";
export type Peer = {
    readonly address: Address.Address;
    readonly name?: NodeName | undefined;
    readonly source?: string | undefined;
} | {
    readonly address?: Address.Address | undefined;
    readonly name: NodeName;
    readonly source?: string | undefined;
};
export declare const fromAddress: (address: Address.Address) => Peer;
export declare const fromName: (name: NodeName) => Peer;
export declare const format: ({ address, name }: Peer) => string;

// ---- @gc/core: Pending
export { makesRoom, type Unproven } from "./protocol/pending.ts";

// ---- @gc/core: Plugin
import type * as Effect from "effect/Effect";
import type * as Layer from "effect/Layer";
import type * as Redacted from "effect/Redacted";
import type * as Schema from "effect/Schema";
import type { ConfigurationError, Problem } from "./ConfigurationError.ts";
import type { Discovery, DiscoveryError } from "./Discovery.ts";
import type { SecurityMode, Transport } from "./Transport.ts";
export * from "./ConfigurationError.ts";
export interface Files {
    readonly resolve: (path: string) => string;
    readonly read: (key: string, path: string) => Effect.Effect<Uint8Array, ConfigurationError>;
    readonly readSecret: (key: string, path: string) => Effect.Effect<Redacted.Redacted<Uint8Array>, ConfigurationError>;
}
export interface Boot {
    readonly path: string;
    readonly source: string;
    readonly files: Files;
}
export interface Checked {
    readonly problems: ReadonlyArray<Problem>;
    readonly warnings: ReadonlyArray<string>;
}
export interface DiscoveryPlugin<out Settings = unknown> {
    readonly kind: "discovery";
    readonly key: string;
    readonly schema: Schema.Decoder<Settings>;
    layer(settings: unknown, boot: Boot): Layer.Layer<Discovery, DiscoveryError | ConfigurationError>;
}
export interface TransportPlugin<out Settings = unknown> {
    readonly kind: "transport";
    readonly key: string;
    readonly schema: Schema.Decoder<Settings>;
    layer(settings: unknown, boot: Boot): Layer.Layer<Transport, ConfigurationError>;
    check?(settings: unknown, boot: Boot, security: SecurityMode): Effect.Effect<Checked>;
}
export interface ResolverPlugin<out Settings = unknown> {
    readonly kind: "resolver";
    readonly key: string;
    readonly schema: Schema.Decoder<Settings>;
    layer(settings: unknown, boot: Boot): Layer.Layer<never, DiscoveryError | ConfigurationError>;
}
export interface Plugins {
    readonly discovery?: ReadonlyArray<DiscoveryPlugin> | undefined;
    readonly transport?: ReadonlyArray<TransportPlugin> | undefined;
    readonly resolver?: ReadonlyArray<ResolverPlugin> | undefined;
}
export declare const discovery: <Settings>(options: {
    readonly key: string;
    readonly schema: Schema.Decoder<Settings>;
    readonly layer: (settings: Settings, boot: Boot) => Layer.Layer<Discovery, DiscoveryError | ConfigurationError>;
}) => DiscoveryPlugin<Settings>;
export declare const transport: <Settings>(options: {
    readonly key: string;
    readonly schema: Schema.Decoder<Settings>;
    readonly layer: (settings: Settings, boot: Boot) => Layer.Layer<Transport, ConfigurationError>;
    readonly check?: ((settings: Settings, boot: Boot, security: SecurityMode) => Effect.Effect<Checked>) | undefined;
}) => TransportPlugin<Settings>;
export declare const resolver: <Settings>(options: {
    readonly key: string;
    readonly schema: Schema.Decoder<Settings>;
    readonly layer: (settings: Settings, boot: Boot) => Layer.Layer<never, DiscoveryError | ConfigurationError>;
}) => ResolverPlugin<Settings>;

// ---- @gc/core: Setting
import * as Duration from "effect/Duration";
import * as Schema from "effect/Schema";
export interface About {
    readonly description: string;
    readonly default?: unknown;
    readonly expected?: string;
}
export declare const expectedAnnotation = "gcExpected";
export declare const secretAnnotation = "gcSecret";
export declare const defaultAnnotation = "gcDefault";
export declare const of: <S extends Schema.Top>(schema: S, about: About & {
    readonly expected: string;
}) => S["Rebuild"];
export declare const text: (about: About) => Schema.String;
export declare const textThat: (check: (text: string) => string | undefined, about: About & {
    readonly expected: string;
}) => Schema.String;
export declare const secret: (about: About) => Schema.RedactedFromValue<Schema.String>;
export declare const flag: (about: About) => Schema.Boolean;
export declare const integer: (about: About & {
    readonly minimum: number;
    readonly maximum: number;
}) => Schema.Int;
export declare const port: (about: About) => Schema.Int;
export declare const bindPort: (about: About) => Schema.Int;
export declare const oneOf: <const Words extends ReadonlyArray<string>>(words: Words, about: About) => Schema.Literals<Words>;
export declare const list: <Item extends Schema.Top>(item: Item, about: About) => Schema.$Array<Item>;
export declare const oneOrMore: <Item extends Schema.Top>(item: Item, about: About & {
    readonly expected: string;
}) => Schema.Union<readonly [Item, Schema.$Array<Item>]>;
export declare const duration: (about: About) => Schema.decodeTo<Schema.Duration, Schema.Union<readonly [Schema.String, Schema.Finite]>>;
export declare const durationThat: (accepts: (length: Duration.Duration) => boolean, about: About & {
    readonly expected: string;
}) => Schema.decodeTo<Schema.Duration, Schema.Union<readonly [Schema.String, Schema.Finite]>>;

// ---- @gc/core: StreamOptions
export { type Advertise, advertised, bindHost, type Checked, defaultPort, type OwnOptions, readAdvertise, resolve, type StreamOptions, type StreamSettings, wrong } from "./internal/stream/options.ts";
export { fields } from "./internal/stream/schema.ts";

// ---- @gc/core: StreamTls
export { certificateNames, type CertificateNames } from "./internal/stream/certificateNames.ts";
export { checkTls, readTls } from "./internal/stream/tlsFiles.ts";
export type { TlsFiles, TlsMaterial } from "./internal/stream/tlsMaterial.ts";
export { mtlsMode, pemsOf, type Proof, pskMode, type TlsMode, type TlsStream, unusable } from "./internal/stream/tlsModes.ts";

// ---- @gc/core: StreamTransport
export { Backlog, type Incoming, type Pending } from "./internal/stream/backlog.ts";
export { type ByteStream, type Remote, remoteOf } from "./internal/stream/byteStream.ts";
export { dialed, type DialedSocket } from "./internal/stream/dialing.ts";
export { errorCode, failure, isCertificateError, openReason, streamReason } from "./internal/stream/errors.ts";
export { acceptFrom, bind, gather, type Gathering, type IncomingSocket, type StreamServer } from "./internal/stream/incoming.ts";
export { type DropReason, Notices } from "./internal/stream/notices.ts";
export { type DialOptions, makeStreams, modeOf, type OpeningSocket, proven, provePlain, type SocketOptions, socketOptions, type StreamMakers, type StreamNames, type Streams } from "./internal/stream/streams.ts";
export { Wire } from "./internal/stream/wire.ts";

// ---- @gc/core: Transport
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import type * as Option from "effect/Option";
import type * as Redacted from "effect/Redacted";
import type * as Scope from "effect/Scope";
import type { NonEmptyReadonlyArray } from "effect/Array";
import * as Address from "./Address.ts";
import { TransportError } from "./TransportError.ts";
export * from "./TransportError.ts";
export type SecurityMode = "plain" | "psk" | "mtls";
export interface Psk {
    readonly identity: string;
    readonly key: Redacted.Redacted<Uint8Array>;
}
export interface LinkSecurity {
    readonly mode: SecurityMode;
    readonly psks: ReadonlyArray<Psk>;
    readonly allowPlaintext: boolean;
}
export type LinkProof = {
    readonly _tag: "Plain";
} | {
    readonly _tag: "Psk";
    readonly identity: string;
    readonly channelBinding: Uint8Array;
} | {
    readonly _tag: "Mtls";
    readonly names: {
        readonly dns: ReadonlyArray<string>;
        readonly ip: ReadonlyArray<string>;
        readonly uri: ReadonlyArray<string>;
    };
    readonly channelBinding: Uint8Array;
    readonly exporterKey: Redacted.Redacted<Uint8Array>;
};
export type OutboundFrame = Uint8Array | readonly [head: Uint8Array, ...bodies: NonEmptyReadonlyArray<Uint8Array>];
export declare const piecesOf: (frame: OutboundFrame) => ReadonlyArray<ReadonlyArray<Uint8Array>>;
export interface Connection {
    readonly remote: string;
    readonly remoteHost: Option.Option<string>;
    readonly proof: LinkProof;
    readonly receive: Effect.Effect<NonEmptyReadonlyArray<Uint8Array>, TransportError>;
    readonly send: (batch: NonEmptyReadonlyArray<OutboundFrame>) => Effect.Effect<void, TransportError>;
    readonly bytesReceived: () => number;
    readonly limitFrames: (bytes: number) => void;
}
export interface Listener {
    readonly addresses: ReadonlyArray<Address.Address>;
    readonly accept: Effect.Effect<Connection, TransportError, Scope.Scope>;
}
declare const Transport_base: Context.ServiceClass<Transport, "@gc/core/Transport", {
    readonly name: string;
    readonly protocols: ReadonlyArray<string>;
    readonly listen: (security: LinkSecurity) => Effect.Effect<Listener, TransportError, Scope.Scope>;
    readonly dial: (address: Address.Address, security: LinkSecurity) => Effect.Effect<Connection, TransportError, Scope.Scope>;
}>;
export declare class Transport extends Transport_base {
}
export declare const checkPlaintext: (transport: string, address: Address.Address, security: LinkSecurity) => Effect.Effect<void, TransportError>;
export declare const merge: (...transports: NonEmptyReadonlyArray<Transport["Service"]>) => Transport["Service"];
export declare const layerMerge: <const Layers extends NonEmptyReadonlyArray<Layer.Layer<Transport, unknown, unknown>>>(...layers: Layers) => Layer.Layer<Transport, Layer.Error<Layers[number]>, Layer.Services<Layers[number]>>;

// ---- @gc/core: TransportError
import * as Schema from "effect/Schema";
declare const AddressInUse_base: Schema.Class<AddressInUse, Schema.TaggedStruct<"AddressInUse", {}>, import("effect/Cause").YieldableError>;
export declare class AddressInUse extends AddressInUse_base {
    get message(): string;
}
declare const AddressUnavailable_base: Schema.Class<AddressUnavailable, Schema.TaggedStruct<"AddressUnavailable", {}>, import("effect/Cause").YieldableError>;
export declare class AddressUnavailable extends AddressUnavailable_base {
    get message(): string;
}
declare const Refused_base: Schema.Class<Refused, Schema.TaggedStruct<"Refused", {}>, import("effect/Cause").YieldableError>;
export declare class Refused extends Refused_base {
    get message(): string;
}
declare const Unreachable_base: Schema.Class<Unreachable, Schema.TaggedStruct<"Unreachable", {
    readonly code: Schema.String;
}>, import("effect/Cause").YieldableError>;
export declare class Unreachable extends Unreachable_base {
    get message(): string;
}
declare const HostUnknown_base: Schema.Class<HostUnknown, Schema.TaggedStruct<"HostUnknown", {
    readonly code: Schema.String;
}>, import("effect/Cause").YieldableError>;
export declare class HostUnknown extends HostUnknown_base {
    get message(): string;
}
declare const ConnectTimeout_base: Schema.Class<ConnectTimeout, Schema.TaggedStruct<"ConnectTimeout", {
    readonly millis: Schema.Finite;
    readonly taken: Schema.optionalKey<Schema.Boolean>;
}>, import("effect/Cause").YieldableError>;
export declare class ConnectTimeout extends ConnectTimeout_base {
    get message(): string;
}
declare const Closed_base: Schema.Class<Closed, Schema.TaggedStruct<"Closed", {}>, import("effect/Cause").YieldableError>;
export declare class Closed extends Closed_base {
    get message(): string;
}
declare const Reset_base: Schema.Class<Reset, Schema.TaggedStruct<"Reset", {
    readonly code: Schema.String;
}>, import("effect/Cause").YieldableError>;
export declare class Reset extends Reset_base {
    get message(): string;
}
declare const FrameTooLarge_base: Schema.Class<FrameTooLarge, Schema.TaggedStruct<"FrameTooLarge", {
    readonly declared: Schema.Finite;
    readonly limit: Schema.Finite;
}>, import("effect/Cause").YieldableError>;
export declare class FrameTooLarge extends FrameTooLarge_base {
    get message(): string;
}
declare const FrameMalformed_base: Schema.Class<FrameMalformed, Schema.TaggedStruct<"FrameMalformed", {
    readonly detail: Schema.String;
}>, import("effect/Cause").YieldableError>;
export declare class FrameMalformed extends FrameMalformed_base {
    get message(): string;
}
declare const ConcurrentReceive_base: Schema.Class<ConcurrentReceive, Schema.TaggedStruct<"ConcurrentReceive", {}>, import("effect/Cause").YieldableError>;
export declare class ConcurrentReceive extends ConcurrentReceive_base {
    get message(): string;
}
declare const PlaintextRefused_base: Schema.Class<PlaintextRefused, Schema.TaggedStruct<"PlaintextRefused", {}>, import("effect/Cause").YieldableError>;
export declare class PlaintextRefused extends PlaintextRefused_base {
    get message(): string;
}
declare const SecurityFailed_base: Schema.Class<SecurityFailed, Schema.TaggedStruct<"SecurityFailed", {
    readonly detail: Schema.String;
}>, import("effect/Cause").YieldableError>;
export declare class SecurityFailed extends SecurityFailed_base {
    get message(): string;
}
declare const UpgradeRefused_base: Schema.Class<UpgradeRefused, Schema.TaggedStruct<"UpgradeRefused", {
    readonly status: Schema.Int;
}>, import("effect/Cause").YieldableError>;
export declare class UpgradeRefused extends UpgradeRefused_base {
    get remedy(): string;
    get message(): string;
}
declare const ProtocolUnsupported_base: Schema.Class<ProtocolUnsupported, Schema.TaggedStruct<"ProtocolUnsupported", {
    readonly supported: Schema.$Array<Schema.String>;
}>, import("effect/Cause").YieldableError>;
export declare class ProtocolUnsupported extends ProtocolUnsupported_base {
    get message(): string;
}
declare const TransportFailed_base: Schema.Class<TransportFailed, Schema.TaggedStruct<"TransportFailed", {
    readonly detail: Schema.String;
    readonly cause: Schema.optionalKey<Schema.Defect>;
}>, import("effect/Cause").YieldableError>;
export declare class TransportFailed extends TransportFailed_base {
    get message(): string;
}
export declare const TransportReason: Schema.Union<readonly [typeof AddressInUse, typeof AddressUnavailable, typeof Refused, typeof Unreachable, typeof HostUnknown, typeof ConnectTimeout, typeof Closed, typeof Reset, typeof FrameTooLarge, typeof FrameMalformed, typeof ConcurrentReceive, typeof PlaintextRefused, typeof SecurityFailed, typeof ProtocolUnsupported, typeof UpgradeRefused, typeof TransportFailed]>;
export type TransportReason = typeof TransportReason.Type;
declare const TransportError_base: Schema.Class<TransportError, Schema.TaggedStruct<"TransportError", {
    readonly transport: Schema.String;
    readonly address: Schema.String;
    readonly reason: Schema.Union<readonly [typeof AddressInUse, typeof AddressUnavailable, typeof Refused, typeof Unreachable, typeof HostUnknown, typeof ConnectTimeout, typeof Closed, typeof Reset, typeof FrameTooLarge, typeof FrameMalformed, typeof ConcurrentReceive, typeof PlaintextRefused, typeof SecurityFailed, typeof ProtocolUnsupported, typeof UpgradeRefused, typeof TransportFailed]>;
}>, import("effect/Cause").YieldableError>;
export declare class TransportError extends TransportError_base {
    get message(): string;
}
export {};

// ---- @gc/core: index
export * as Address from "./Address.ts";
export * as Channel from "./Channel.ts";
export * as Cluster from "./Cluster.ts";
export * as ClusterEvent from "./ClusterEvent.ts";
export * as Configuration from "./Configuration.ts";
export * as Discovery from "./Discovery.ts";
export * as Entropy from "./Entropy.ts";
export * as LocalAddress from "./LocalAddress.ts";
export * as LocalNode from "./LocalNode.ts";
export * as Member from "./Member.ts";
export * as NameResolver from "./NameResolver.ts";
export * as NodeName from "./NodeName.ts";
export * as Observer from "./Observer.ts";
export * as OptionKeys from "./OptionKeys.ts";
export * as Peer from "./Peer.ts";
export * as Plugin from "./Plugin.ts";
export * as Setting from "./Setting.ts";
export * as Transport from "./Transport.ts";

// ---- @gc/core: internal/stream/backlog
import * as Effect from "effect/Effect";
import { type Unproven } from "../../protocol/pending.ts";
import type { DropReason } from "./notices.ts";
import type { Wire } from "./wire.ts";
export interface Incoming {
    readonly remoteAddress?: string | undefined;
    readonly bytesRead: number;
    destroy(): unknown;
}
export declare class Pending implements Unproven {
    readonly host: string | undefined;
    socket: Incoming;
    reason: DropReason;
    wire: Wire | undefined;
    heardAt: number;
    constructor(socket: Incoming, heardAt: number);
    get progress(): number;
}
export declare class Backlog {
    #private;
    constructor(max: number, drop: (reason: DropReason) => void);
    get closed(): boolean;
    add(socket: Incoming): Pending;
    heard(pending: Pending): void;
    ready(pending: Pending, socket: Incoming, wire: Wire): void;
    drop(pending: Pending, reason: DropReason): void;
    remove(pending: Pending): boolean;
    take(): Wire | undefined;
    readonly changed: Effect.Effect<void>;
    close(): void;
}

// ---- @gc/core: internal/stream/byteStream
import * as Option from "effect/Option";
export interface ByteStream {
    readonly copies?: boolean;
    readonly closed: boolean;
    pause(): unknown;
    resume(): unknown;
    isPaused(): boolean;
    cork(): void;
    uncork(): void;
    write(bytes: Uint8Array, done?: (error?: Error | null) => void): unknown;
    end(): unknown;
    destroy(): unknown;
    on(event: "data", listener: (chunk: Uint8Array) => void): unknown;
    on(event: "error", listener: (error: Error) => void): unknown;
    on(event: "end" | "close", listener: () => void): unknown;
    once(event: "close", listener: () => void): unknown;
}
export interface Remote {
    readonly transport: string;
    readonly text: string;
    readonly host: Option.Option<string>;
}
export declare const remoteOf: (transport: string, protocol: string, socket: {
    readonly remoteAddress?: string | undefined;
    readonly remotePort?: number | undefined;
}) => Remote;

// ---- @gc/core: internal/stream/certificateNames
export interface CertificateNames {
    readonly dns: ReadonlyArray<string>;
    readonly ip: ReadonlyArray<string>;
    readonly uri: ReadonlyArray<string>;
}
export declare const certificateNames: (text: string) => CertificateNames;

// ---- @gc/core: internal/stream/dialing
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";
import type { Connection, TransportReason } from "../../Transport.ts";
import type { Wire } from "./wire.ts";
export interface DialedSocket {
    readonly connecting: boolean;
    readonly closed: boolean;
    once(event: "close", listener: () => void): unknown;
    destroy(): unknown;
}
export declare const dialed: <S extends DialedSocket>(connect: () => S, timeout: Duration.Duration, opened: (socket: S) => Effect.Effect<Wire, TransportReason>) => Effect.Effect<Connection, TransportReason, Scope.Scope>;

// ---- @gc/core: internal/stream/errors
import * as Transport from "../../TransportError.ts";
import type { Remote } from "./byteStream.ts";
export declare const failure: ({ text, transport }: Remote, reason: Transport.TransportReason) => Transport.TransportError;
export declare const isCertificateError: (error: unknown) => boolean;
export declare const openReason: (error: unknown) => Transport.TransportReason;
export declare const streamReason: (error: unknown) => Transport.TransportReason;
export declare const errorCode: (error: unknown) => string;

// ---- @gc/core: internal/stream/incoming
import * as Effect from "effect/Effect";
import type { Listener } from "../../Transport.ts";
import { type TransportReason } from "../../TransportError.ts";
import type { Backlog, Incoming, Pending } from "./backlog.ts";
import type { Remote } from "./byteStream.ts";
import type { Notices } from "./notices.ts";
export interface StreamServer {
    once(event: "error", listener: (error: Error) => void): unknown;
    once(event: "listening", listener: () => void): unknown;
    off(event: "error", listener: (error: Error) => void): unknown;
    listen(options: {
        host: string;
        port: number;
        exclusive: boolean;
    }, listening: () => void): unknown;
    address(): {
        readonly port: number;
    } | string | null;
    close(): unknown;
}
export declare const bind: (server: StreamServer, host: string, port: number) => Effect.Effect<number, TransportReason>;
export interface IncomingSocket extends Incoming {
    readonly remotePort?: number | undefined;
    readonly localAddress?: string | undefined;
    readonly localPort?: number | undefined;
    on(event: "error", listener: (error: Error) => void): unknown;
    once(event: "close", listener: () => void): unknown;
}
export interface Gathering<Socket extends IncomingSocket> {
    readonly server: {
        on(event: "connection" | "secureConnection", listener: (socket: Socket) => void): unknown;
        on(event: "tlsClientError", listener: (error: Error) => void): unknown;
    };
    readonly backlog: Backlog;
    readonly notices: Notices;
    readonly secure: boolean;
    readonly deadline: number | undefined;
    readonly admit: (pending: Pending, socket: Socket) => void;
}
export declare const gather: <Socket extends IncomingSocket>(gathering: Gathering<Socket>) => void;
export declare const acceptFrom: (backlog: Backlog, listener: Remote, notices: Notices) => Listener["accept"];

// ---- @gc/core: internal/stream/notices
import type * as Context from "effect/Context";
export type DropReason = "evicted" | "handshake" | "refused" | "unproven" | "cut" | "closing";
export declare class Notices {
    #private;
    address: string;
    constructor(transport: string, address: string, context: Context.Context<never>);
    accepted(): void;
    dropped(reason: DropReason): void;
    acceptError(error: Error): void;
    handshakeError(error: Error): void;
    unproven(detail: string): void;
    refused(detail: string): void;
}

// ---- @gc/core: internal/stream/options
import * as Duration from "effect/Duration";
import * as Result from "effect/Result";
import * as Address from "../../Address.ts";
import type { LinkSecurity, SecurityMode } from "../../Transport.ts";
import type { TlsMaterial } from "./tlsMaterial.ts";
export interface StreamOptions {
    readonly host?: string | undefined;
    readonly port?: number | undefined;
    readonly advertise?: string | undefined;
    readonly connectTimeout?: Duration.Input | undefined;
    readonly keepAlive?: Duration.Input | undefined;
    readonly security?: SecurityMode | undefined;
    readonly tls?: TlsMaterial | undefined;
    readonly maxPending?: number | undefined;
    readonly highWaterMark?: number | undefined;
}
export interface Advertise {
    readonly host: string;
    readonly port: number | undefined;
    readonly protocol?: string | undefined;
    readonly path?: string | undefined;
}
export interface StreamSettings {
    readonly host: string | undefined;
    readonly port: number;
    readonly advertise: Advertise | undefined;
    readonly connectTimeout: Duration.Duration;
    readonly handshakeTimeout: number;
    readonly keepAlive: number | undefined;
    readonly security: SecurityMode | undefined;
    readonly tls: TlsMaterial | undefined;
    readonly maxPending: number;
    readonly highWaterMark: number;
}
export type Checked<A> = Result.Result<A, string>;
export declare const defaultPort = 4370;
export declare const wrong: (name: string, value: unknown, expected: string) => Result.Result<never, string>;
export declare const aTime = "a duration above 0 such as \"5 seconds\"";
export declare const bounds: {
    readonly maxPending: readonly [1, 65536];
    readonly highWaterMark: readonly [1, number];
};
export declare const hostOf: (text: string) => string | undefined;
export declare const aHost = "a host name or an IP address";
export declare const anAdvertise = "a host or host:port that others can dial";
export declare const readAdvertise: (text: string) => Result.Result<Advertise, string>;
export interface OwnOptions {
    readonly names?: ReadonlyArray<string>;
    readonly readAdvertise?: (text: string) => Checked<Advertise>;
    readonly anAdvertise?: string;
}
export declare const resolve: (options: StreamOptions, own?: OwnOptions) => Checked<StreamSettings>;
export declare const bindHost: (settings: {
    readonly host: string | undefined;
}, mode: SecurityMode, security: LinkSecurity) => string;
export declare const advertised: (settings: {
    readonly advertise: Advertise | undefined;
}, protocol: string, bound: string, port: number, path?: string) => Address.Address;

// ---- @gc/core: internal/stream/schema
import * as Schema from "effect/Schema";
export declare const fields: {
    host: Schema.optionalKey<Schema.String>;
    port: Schema.optionalKey<Schema.Int>;
    advertise: Schema.optionalKey<Schema.String>;
    connectTimeout: Schema.optionalKey<Schema.decodeTo<Schema.Duration, Schema.Union<readonly [Schema.String, Schema.Finite]>, never, never>>;
    keepAlive: Schema.optionalKey<Schema.decodeTo<Schema.Duration, Schema.Union<readonly [Schema.String, Schema.Finite]>, never, never>>;
    maxPending: Schema.optionalKey<Schema.Int>;
    highWaterMark: Schema.optionalKey<Schema.Int>;
    tls: Schema.optionalKey<Schema.Struct<{
        readonly certFile: Schema.String;
        readonly keyFile: Schema.String;
        readonly caFile: Schema.String;
    }>>;
};

// ---- @gc/core: internal/stream/streams
import * as Effect from "effect/Effect";
import * as Result from "effect/Result";
import type { LinkProof, LinkSecurity, SecurityMode, TransportReason } from "../../Transport.ts";
import type { StreamSettings } from "./options.ts";
import { type Proof, type TlsMode, type TlsStream } from "./tlsModes.ts";
export interface SocketOptions {
    readonly noDelay: boolean;
    readonly keepAlive: boolean;
    readonly keepAliveInitialDelay: number;
}
export interface DialOptions extends SocketOptions {
    readonly host: string;
    readonly port: number;
}
export interface StreamMakers<Server, Socket, Context> {
    readonly serve: (options: SocketOptions) => Server;
    readonly connect: (options: DialOptions) => Socket;
    readonly createContext: (options: TlsMode["context"]) => Context;
    readonly serveTls: (options: SocketOptions & TlsMode["server"]) => Server;
    readonly connectTls: (options: DialOptions & TlsMode["client"] & {
        readonly secureContext: Context;
    }) => Socket;
    readonly tlsOf: (socket: Socket) => TlsStream | undefined;
}
export interface Streams<Protocol extends string, Server, Socket> {
    readonly protocol: Protocol;
    readonly encrypted: boolean;
    readonly serve: (options: SocketOptions) => Server;
    readonly proveAccepted: (socket: Socket) => Proof;
    readonly connect: (options: DialOptions) => Socket;
    readonly proveDialed: (socket: Socket) => Proof;
    readonly explain: (error: Error) => string | undefined;
}
export declare const socketOptions: ({ keepAlive }: StreamSettings) => SocketOptions;
export declare const modeOf: (settings: StreamSettings, security: LinkSecurity) => SecurityMode;
export declare const provePlain: () => Proof;
export interface StreamNames<Protocol extends string> {
    readonly plain: Protocol;
    readonly encrypted: Protocol;
    readonly alpn: string;
}
export declare const makeStreams: <Protocol extends string, Server, Socket, Context>({ alpn, encrypted, plain }: StreamNames<Protocol>, makers: StreamMakers<Server, Socket, Context>) => (mode: SecurityMode, settings: StreamSettings, security: LinkSecurity) => Result.Result<Streams<Protocol, Server, Socket>, TransportReason>;
export interface OpeningSocket {
    on(event: "error", listener: (error: Error) => void): unknown;
    once(event: "close" | "connect" | "secureConnect", listener: () => void): unknown;
}
export declare const proven: <A, Protocol extends string, Server, Socket extends OpeningSocket>(streams: Streams<Protocol, Server, Socket>, socket: Socket, then: (proof: LinkProof) => A) => Effect.Effect<A, TransportReason>;

// ---- @gc/core: internal/stream/tlsFiles
import * as Effect from "effect/Effect";
import { ConfigurationError } from "../../ConfigurationError.ts";
import type { Boot, Checked } from "../../Plugin.ts";
import type { SecurityMode } from "../../Transport.ts";
import type { TlsFiles, TlsMaterial } from "./tlsMaterial.ts";
export declare const checkTls: (tls: TlsFiles | undefined, args_1: Boot, security: SecurityMode, users?: readonly SecurityMode[] | undefined) => Effect.Effect<Checked, never, never>;
export declare const readTls: (args_0: TlsFiles, args_1: Boot) => Effect.Effect<TlsMaterial, ConfigurationError, never>;

// ---- @gc/core: internal/stream/tlsMaterial
import type * as Redacted from "effect/Redacted";
export interface TlsMaterial {
    readonly cert: string | Uint8Array;
    readonly key: Redacted.Redacted<string | Uint8Array>;
    readonly ca: string | Uint8Array | ReadonlyArray<string | Uint8Array>;
}
export interface TlsFiles {
    readonly certFile: string;
    readonly keyFile: string;
    readonly caFile: string;
}

// ---- @gc/core: internal/stream/tlsModes
import * as Result from "effect/Result";
import type { LinkProof, Psk } from "../../Transport.ts";
import type { TlsMaterial } from "./tlsMaterial.ts";
export type Proof = Result.Result<LinkProof, string>;
export interface TlsStream {
    readonly alpnProtocol: string | false | null;
    readonly authorized: boolean;
    readonly authorizationError: unknown;
    getProtocol(): string | null;
    getPeerX509Certificate(): {
        readonly subjectAltName?: string | undefined;
    } | undefined;
    isSessionReused(): boolean;
    exportKeyingMaterial(length: number, label: string, context: Uint8Array): Uint8Array;
}
export interface TlsMode {
    readonly context: {
        readonly minVersion: "TLSv1.3";
        readonly ca: string | Array<string>;
        readonly cert?: string;
        readonly key?: string;
        readonly ciphers?: string;
        readonly ecdhCurve?: string;
    };
    readonly server: {
        readonly minVersion: "TLSv1.3";
        readonly ALPNProtocols: Array<string>;
        readonly handshakeTimeout: number;
        readonly secureOptions: number;
        readonly cert?: string;
        readonly key?: string;
        readonly ca: string | Array<string>;
        readonly requestCert?: boolean;
        readonly rejectUnauthorized?: boolean;
        readonly ciphers?: string;
        readonly ecdhCurve?: string;
        readonly pskCallback?: (socket: object, identity: string) => Uint8Array | null;
    };
    readonly client: {
        readonly minVersion: "TLSv1.3";
        readonly ALPNProtocols: Array<string>;
        readonly checkServerIdentity?: () => undefined;
        readonly pskCallback?: () => {
            readonly psk: Uint8Array;
            readonly identity: string;
        };
    };
    readonly proveAccepted: (socket: TlsStream) => Proof;
    readonly proveDialed: (socket: TlsStream) => Proof;
    readonly explain: (error: Error) => string | undefined;
}
export declare const pskMode: (psks: ReadonlyArray<Psk>, alpn: string) => Result.Result<TlsMode, string>;
export declare const pemsOf: (ca: TlsMaterial["ca"]) => string | Array<string>;
export declare const mtlsMode: (material: TlsMaterial | undefined, alpn: string) => Result.Result<TlsMode, string>;
export declare const unusable: (error: unknown) => string;

// ---- @gc/core: internal/stream/wire
import * as Effect from "effect/Effect";
import type * as Transport from "../../Transport.ts";
import type { ByteStream, Remote } from "./byteStream.ts";
export declare class Wire {
    #private;
    readonly connection: Transport.Connection;
    constructor(socket: ByteStream, remote: Remote, proof: Transport.LinkProof, highWaterMark: number, exclusive: boolean);
    get cut(): boolean;
    open(): void;
    readonly close: Effect.Effect<void>;
}

// ---- @gc/core: protocol/frames
export type Frame = Uint8Array;
export declare const frameType: {
    readonly hello: 1;
    readonly challenge: 2;
    readonly auth: 3;
    readonly welcome: 4;
    readonly ready: 5;
    readonly meta: 16;
    readonly heartbeat: 17;
    readonly heartbeatAck: 18;
    readonly check: 19;
    readonly vouch: 20;
    readonly peers: 21;
    readonly leave: 22;
    readonly goaway: 23;
    readonly channel: 24;
    readonly credit: 25;
    readonly event: 26;
    readonly data: 32;
    readonly reject: 127;
};
export declare const maxHandshakeFrame = 4096;
export declare const maxPayload = 65536;
export declare const dataHeadLength = 4;
export declare const maxLinkFrame: number;
export declare const lengthPrefix: (length: number) => Uint8Array;
export declare const withPrefix: (frame: Frame) => Uint8Array;
interface Digest {
    update(bytes: Uint8Array): Digest;
}
export declare const updateWithFrame: <A extends Digest>(digest: A, frame: Frame, omit?: number) => A;
export declare const wireHash: (frame: Frame) => Uint8Array;
export {};

// ---- @gc/core: protocol/pending
export interface Unproven {
    readonly host: string | undefined;
    readonly progress: number;
    readonly heardAt: number;
}
export declare const makesRoom: <U extends Unproven>(waiting: Iterable<U>) => U | undefined;

// ---- @gc/core: protocol/streamDecoder
import { type Frame } from "./frames.ts";
export interface TooLarge {
    readonly _tag: "TooLarge";
    readonly length: number;
    readonly max: number;
}
export interface EmptyFrame {
    readonly _tag: "EmptyFrame";
}
export declare class FrameDecoder {
    #private;
    get buffered(): number;
    push(chunk: Uint8Array): void;
    next(max: number): Frame | TooLarge | EmptyFrame | undefined;
    peek(max: number): true | TooLarge | EmptyFrame | undefined;
    each(max: number, show: (bytes: Uint8Array, start: number, end: number) => void): void;
}
