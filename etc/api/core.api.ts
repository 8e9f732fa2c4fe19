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
import * as Context from "effect/Context";
import type * as Duration from "effect/Duration";
import type * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import type * as Scope from "effect/Scope";
import type * as Stream from "effect/Stream";
import type { ByteChannel } from "./Channel.ts";
import type { ChannelError } from "./ChannelError.ts";
import type { ClusterError, ConnectError, AwaitTimeout, OptionInvalid } from "./ClusterError.ts";
import type { ClusterEvent } from "./ClusterEvent.ts";
import type { Discovery } from "./Discovery.ts";
import type { CookieInput } from "./internal/keyring.ts";
import type { LocalNode } from "./LocalNode.ts";
import type { Member } from "./Member.ts";
import type { NodeName } from "./NodeName.ts";
import type { Peer } from "./Peer.ts";
import type { Preset } from "./protocol/figures.ts";
import type { SecurityMode, Transport } from "./Transport.ts";
export * from "./ClusterError.ts";
export interface Detector {
    readonly heartbeat: Duration.Input;
    readonly suspectAfter: Duration.Input;
    readonly downAfter: Duration.Input;
}
export interface Candidate {
    readonly name: NodeName;
    readonly addresses: ReadonlyArray<string>;
    readonly appVersion: string | undefined;
}
export interface DiagnosisStep {
    readonly step: "resolve" | "connect" | "secure" | "hello" | "authenticate" | "admit";
    readonly ok: boolean;
    readonly detail: string;
    readonly remedy?: string;
}
export interface Diagnosis {
    readonly peer: string;
    readonly address: string | undefined;
    readonly ok: boolean;
    readonly steps: ReadonlyArray<DiagnosisStep>;
}
export interface Options {
    readonly cluster: string;
    readonly node?: string | undefined;
    readonly cookie?: CookieInput | undefined;
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
export interface DiscoveryContext {
    readonly self: LocalNode;
    readonly key: (purpose: string) => Option.Option<Redacted.Redacted<Uint8Array>>;
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
declare const LookFailed_base: Schema.Class<LookFailed, Schema.TaggedStruct<"LookFailed", {
    readonly detail: Schema.String;
    readonly cause: Schema.optionalKey<Schema.Defect>;
}>, import("effect/Cause").YieldableError>;
export declare class LookFailed extends LookFailed_base {
    get message(): string;
}
declare const LookTimeout_base: Schema.Class<LookTimeout, Schema.TaggedStruct<"LookTimeout", {
    readonly millis: Schema.Finite;
}>, import("effect/Cause").YieldableError>;
export declare class LookTimeout extends LookTimeout_base {
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
    get message(): string;
}
declare const SourceBroken_base: Schema.Class<SourceBroken, Schema.TaggedStruct<"SourceBroken", {
    readonly detail: Schema.String;
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
    get message(): string;
}
export {};

// ---- @gc/core: Entropy
import * as Context from "effect/Context";
export declare const Entropy: Context.Reference<{
    readonly bytes: (length: number) => Uint8Array;
}>;

// ---- @gc/core: FrameDecoder
export { FrameDecoder } from "./protocol/streamDecoder.ts";

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
export type OutboundFrame = Uint8Array | readonly [head: Uint8Array, body: Uint8Array];
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
export declare const TransportReason: Schema.Union<readonly [typeof AddressInUse, typeof AddressUnavailable, typeof Refused, typeof Unreachable, typeof HostUnknown, typeof ConnectTimeout, typeof Closed, typeof Reset, typeof FrameTooLarge, typeof FrameMalformed, typeof ConcurrentReceive, typeof PlaintextRefused, typeof SecurityFailed, typeof ProtocolUnsupported, typeof TransportFailed]>;
export type TransportReason = typeof TransportReason.Type;
declare const TransportError_base: Schema.Class<TransportError, Schema.TaggedStruct<"TransportError", {
    readonly transport: Schema.String;
    readonly address: Schema.String;
    readonly reason: Schema.Union<readonly [typeof AddressInUse, typeof AddressUnavailable, typeof Refused, typeof Unreachable, typeof HostUnknown, typeof ConnectTimeout, typeof Closed, typeof Reset, typeof FrameTooLarge, typeof FrameMalformed, typeof ConcurrentReceive, typeof PlaintextRefused, typeof SecurityFailed, typeof ProtocolUnsupported, typeof TransportFailed]>;
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
export * as Discovery from "./Discovery.ts";
export * as Entropy from "./Entropy.ts";
export * as LocalAddress from "./LocalAddress.ts";
export * as LocalNode from "./LocalNode.ts";
export * as Member from "./Member.ts";
export * as NameResolver from "./NameResolver.ts";
export * as NodeName from "./NodeName.ts";
export * as Peer from "./Peer.ts";
export * as Transport from "./Transport.ts";

// ---- @gc/core: internal/keyring
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import * as Redacted from "effect/Redacted";
import { ClusterError } from "../ClusterError.ts";
import type { KeyringEntry } from "../protocol/handshake.ts";
import type { Psk } from "../Transport.ts";
interface LabelledCookie {
    readonly label: string;
    readonly cookie: string | Redacted.Redacted<string>;
}
export type CookieInput = string | Redacted.Redacted<string> | ReadonlyArray<LabelledCookie>;
export declare const loadKeyring: (options: {
    readonly cluster: string;
    readonly cookie: CookieInput | undefined;
    readonly cookieFile: string | undefined;
}) => Effect.Effect<readonly KeyringEntry[], ClusterError, never>;
export declare const psksOf: (cluster: string, keyring: ReadonlyArray<KeyringEntry>) => ReadonlyArray<Psk>;
export declare const keyFor: (keyring: ReadonlyArray<KeyringEntry>) => (purpose: string) => Option.Option<Redacted.Redacted<Uint8Array>>;
export {};

// ---- @gc/core: protocol/bytes
export type Parsed<A> = {
    readonly ok: true;
    readonly value: A;
} | Refusal;
export interface Refusal {
    readonly ok: false;
    readonly reason: string;
}
export declare const parsed: <A>(value: A) => Parsed<A>;
export declare const refused: (reason: string) => Refusal;
export declare class MalformedError extends Error {
    readonly name = "MalformedError";
}
export declare const parsing: <A>(decode: () => A) => Parsed<A>;
export declare const utf8: (text: string) => Uint8Array;
export declare const isWellFormed: (text: string) => boolean;
export declare const concat: (...parts: ReadonlyArray<Uint8Array>) => Uint8Array;
export declare const toHex: (bytes: Uint8Array) => string;
export declare const fromHex: (text: string) => Uint8Array | undefined;
export declare const constantTimeEqual: (left: Uint8Array, right: Uint8Array) => boolean;
export declare class ByteWriter {
    #private;
    constructor(capacity?: number);
    get length(): number;
    u8(value: number): this;
    u16(value: number): this;
    u32(value: number): this;
    u64(value: bigint): this;
    bytes(value: Uint8Array): this;
    bytes8(value: Uint8Array): this;
    bytes16(value: Uint8Array): this;
    finish(): Uint8Array;
}
export declare class ByteReader {
    #private;
    constructor(bytes: Uint8Array);
    get remaining(): number;
    u8(): number;
    u16(): number;
    u32(): number;
    u64(): bigint;
    safeU64(): number;
    bytes(length: number): Uint8Array;
    utf8(length: number): string;
    ascii(length: number): string;
    end(): void;
}

// ---- @gc/core: protocol/decisions
export declare const codes: {
    readonly version_unsupported: 1;
    readonly busy: 2;
    readonly malformed: 3;
    readonly auth_failed: 4;
    readonly cluster_mismatch: 5;
    readonly name_mismatch: 257;
    readonly name_conflict: 258;
    readonly stale_incarnation: 259;
    readonly already_connected: 260;
    readonly self_connect: 261;
    readonly not_admitted: 262;
    readonly shutting_down: 263;
    readonly capability_missing: 264;
    readonly too_many_peers: 265;
};
export type CodeName = keyof typeof codes;
export type Code = (typeof codes)[CodeName];
export type RejectCode = 1 | 2 | 3 | 4 | 5;
export type Decision = 0 | Code;
export declare const accepted = 0;
export type Retry = {
    readonly kind: "backoff";
} | {
    readonly kind: "backoffCap";
} | {
    readonly kind: "after";
    readonly ms: number;
} | {
    readonly kind: "retryAfter";
    readonly ms: number;
} | {
    readonly kind: "untilDiscovered";
} | {
    readonly kind: "atOnce";
} | {
    readonly kind: "unlessHeld";
    readonly ms: number;
};
export declare const retries: {
    readonly [Name in CodeName]: Retry;
};
export declare const maxRejectDelayMs = 30000;
export declare const codeName: (code: number) => CodeName | undefined;
export declare const retryFor: (code: number) => Retry;
export declare const isRejectCode: (code: number) => code is RejectCode;

// ---- @gc/core: protocol/figures
export interface DetectorFigures {
    readonly heartbeat: number;
    readonly suspectAfter: number;
    readonly downAfter: number;
}
export declare const presets: {
    readonly lan: {
        readonly heartbeat: 1000;
        readonly suspectAfter: 3000;
        readonly downAfter: 6000;
    };
    readonly lossy: {
        readonly heartbeat: 1000;
        readonly suspectAfter: 3000;
        readonly downAfter: 8000;
    };
    readonly wan: {
        readonly heartbeat: 3000;
        readonly suspectAfter: 10000;
        readonly downAfter: 20000;
    };
    readonly test: {
        readonly heartbeat: 100;
        readonly suspectAfter: 300;
        readonly downAfter: 600;
    };
    readonly erlang: {
        readonly heartbeat: 15000;
        readonly suspectAfter: 30000;
        readonly downAfter: 60000;
    };
};
export type Preset = keyof typeof presets;
export declare const figuresProblem: (figures: DetectorFigures) => string | undefined;
export interface Backoff {
    readonly initial: number;
    readonly factor: number;
    readonly max: number;
}
export declare const defaultBackoff: Backoff;
export declare const limits: {
    readonly dials: 32;
    readonly healthyAfter: 10000;
    readonly kickEvery: 5000;
    readonly peersEvery: 5000;
    readonly candidateLifetime: 60000;
    readonly raises: 8;
    readonly conflict: 10000;
    readonly candidates: 4096;
    readonly members: 4096;
    readonly bindings: 8192;
    readonly targets: 8192;
    readonly avoided: 8192;
    readonly addresses: 16;
    readonly requests: 1024;
    readonly entriesPerSource: 8192;
    readonly witnesses: 5;
    readonly selfConnect: 600000;
    readonly ended: 86400000;
    readonly logEvery: 60000;
    readonly logKeys: 1024;
    readonly grace: 500;
    readonly probeEvery: 1000;
    readonly probe: 1000;
    readonly retire: 1000;
    readonly firstFrame: 5000;
    readonly absentLooks: 3;
    readonly shrinkLooks: 10;
};
export declare const tickOf: (figures: DetectorFigures) => number;

// ---- @gc/core: protocol/frames
import { type Hash, type Hmac } from "node:crypto";
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
export declare const updateWithFrame: <A extends Hash | Hmac>(digest: A, frame: Frame, omit?: number) => A;
export declare const wireHash: (frame: Frame) => Uint8Array;

// ---- @gc/core: protocol/handshake
import type { RejectCode } from "./decisions.ts";
import { type Frame } from "./frames.ts";
import { type Mode } from "./handshakeFrames.ts";
import type { Identity } from "./identity.ts";
import { type Keys } from "./keys.ts";
export interface HandshakeConfig {
    readonly cluster: string;
    readonly mode: Mode;
    readonly channelBinding: Uint8Array;
    readonly keyring: ReadonlyArray<KeyringEntry>;
}
export interface KeyringEntry {
    readonly label: string;
    readonly keys: Keys;
}
export interface Failed {
    readonly _tag: "Failed";
    readonly code: RejectCode;
    readonly reason: string;
    readonly reject?: Frame;
}
export interface Refused {
    readonly _tag: "Refused";
    readonly peer: Identity;
    readonly code: number;
    readonly retryAfterMs: number;
    readonly knownGeneration?: number;
}
export declare const assertConfig: (config: HandshakeConfig) => void;
export declare const assertNonce: (nonce: Uint8Array) => void;
export declare const hashChallenge: (helloHash: Uint8Array, challenge: Frame, channelBinding: Uint8Array) => Uint8Array;
export declare const hashNext: (previous: Uint8Array, frame: Frame) => Uint8Array;
export type MacPurpose = "gch1 auth" | "gch1 welcome" | "gch1 ready";
export declare const seal: (key: Uint8Array, purpose: MacPurpose, transcript: Uint8Array, frame: Frame) => Frame;
export declare const isSealed: (key: Uint8Array, purpose: MacPurpose, transcript: Uint8Array, frame: Frame) => boolean;
export declare const connectionId: (keys: Keys, transcript: Uint8Array) => string;
export declare const failed: (code: RejectCode, reason: string) => Failed;
export declare const rejecting: (code: RejectCode, reason: string) => Failed;
export declare const frameProblem: (frame: Frame, type: number) => string | undefined;

// ---- @gc/core: protocol/handshakeFrames
import { type Parsed } from "./bytes.ts";
import { type RejectCode } from "./decisions.ts";
import { type Frame } from "./frames.ts";
export type Mode = 0 | 1 | 2;
export declare const protocolVersion = 1;
export declare const suiteHmacSha256 = 1;
export declare const macLength = 32;
export interface Hello {
    readonly verMin: number;
    readonly verMax: number;
    readonly mode: number;
    readonly suites: ReadonlyArray<number>;
    readonly clusterTag: Uint8Array;
    readonly label: string;
    readonly nonce: Uint8Array;
}
export interface Challenge {
    readonly version: number;
    readonly suite: number;
    readonly mode: number;
    readonly nonce: Uint8Array;
}
export interface Auth {
    readonly identity: Uint8Array;
}
export interface Welcome {
    readonly identity: Uint8Array;
    readonly decision: number;
    readonly retryAfterMs: number;
}
export interface Ready {
    readonly decision: number;
    readonly retryAfterMs: number;
    readonly knownGeneration: number;
}
export interface Reject {
    readonly code: RejectCode;
    readonly retryAfterMs: number;
}
export declare const encodeHello: (hello: Hello) => Frame;
export declare const encodeChallenge: (challenge: Challenge) => Frame;
export declare const encodeAuth: (auth: Auth) => Frame;
export declare const encodeWelcome: (welcome: Welcome) => Frame;
export declare const encodeReady: (ready: Ready) => Frame;
export declare const encodeReject: (reject: Reject) => Frame;
export declare const decodeHelloVersions: (frame: Frame) => Parsed<Pick<Hello, "verMin" | "verMax">>;
export declare const decodeHello: (frame: Frame) => Parsed<Hello>;
export declare const decodeChallenge: (frame: Frame) => Parsed<Challenge>;
export declare const decodeAuth: (frame: Frame) => Parsed<Auth>;
export declare const decodeWelcome: (frame: Frame) => Parsed<Welcome>;
export declare const decodeReady: (frame: Frame) => Parsed<Ready>;
export declare const decodeReject: (frame: Frame) => Parsed<Reject>;

// ---- @gc/core: protocol/identity
import { type ByteReader, type Parsed } from "./bytes.ts";
export interface Identity {
    readonly name: string;
    readonly instance: string;
    readonly generation: number;
    readonly attempt: number;
    readonly cluster: string;
    readonly dialed?: string;
    readonly capabilities: bigint;
    readonly addresses: ReadonlyArray<string>;
    readonly appVersion?: string;
    readonly required?: bigint;
    readonly knownGeneration?: number;
}
export declare const maxAddresses = 8;
export declare const maxAppVersionBytes = 64;
export declare const identityField: {
    readonly name: 1;
    readonly instance: 2;
    readonly generation: 3;
    readonly attempt: 4;
    readonly cluster: 5;
    readonly dialed: 6;
    readonly capabilities: 7;
    readonly addresses: 8;
    readonly appVersion: 9;
    readonly required: 10;
    readonly knownGeneration: 11;
    readonly sentAt: 12;
};
export declare const instanceBytes: (instance: string) => Uint8Array;
export declare const encodeAddresses: (addresses: ReadonlyArray<string>) => Uint8Array;
export declare const readAddresses: (reader: ByteReader) => ReadonlyArray<string>;
export declare const encodeIdentity: (identity: Identity) => Uint8Array;
export declare const decodeIdentity: (bytes: Uint8Array) => Parsed<Identity>;

// ---- @gc/core: protocol/keys
import { type Parsed } from "./bytes.ts";
export interface Keys {
    readonly root: Uint8Array;
    readonly initiator: Uint8Array;
    readonly responder: Uint8Array;
    readonly ready: Uint8Array;
    readonly psk: Uint8Array;
    readonly udp: Uint8Array;
}
export type Cookie = {
    readonly _tag: "Raw";
    readonly bytes: Uint8Array;
} | {
    readonly _tag: "Passphrase";
    readonly text: string;
};
export declare const minPassphraseLength = 16;
export declare const keyLength = 32;
export declare const parseCookie: (text: string) => Parsed<Cookie>;
export declare const hkdf: (key: Uint8Array, salt: Uint8Array, info: string, length?: number) => Uint8Array;
export declare const deriveRoot: (cookie: Cookie, cluster: string) => Promise<Uint8Array>;
export declare const deriveKey: (root: Uint8Array, info: string) => Uint8Array;
export declare const deriveKeys: (root: Uint8Array) => Keys;
export declare const clusterTag: (cluster: string) => Uint8Array;
export declare const pskIdentity: (cluster: string, label: string) => string;

// ---- @gc/core: protocol/streamDecoder
import type { Frame } from "./frames.ts";
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
}
