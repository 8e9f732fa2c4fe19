// The API of @gc/testkit. Made by "npm run api"; a change of it needs a changeset.

// ---- @gc/testkit: SeededEntropy
import * as Layer from "effect/Layer";
export declare const make: (seed: string | number) => {
    readonly bytes: (length: number) => Uint8Array;
};
export declare const layer: (seed: string | number) => Layer.Layer<never>;

// ---- @gc/testkit: SimulatedNetwork
import type * as Clock from "effect/Clock";
import * as Context from "effect/Context";
import type * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import type * as Scope from "effect/Scope";
import { Transport } from "@gc/core/Transport";
import type { NetworkEvent } from "./internal/simulation.ts";
export type {
NetworkEvent } from "./internal/simulation.ts";
export type Route = readonly [a: string, b: string] | {
    readonly from: string;
    readonly to: string;
};
export interface Options {
    readonly latency?: Duration.Input | undefined;
    readonly jitter?: Duration.Input | undefined;
    readonly loss?: number | undefined;
    readonly seed?: string | number | undefined;
    readonly window?: number | undefined;
    readonly onEvent?: ((event: NetworkEvent) => void) | undefined;
}
declare const SimulatedNetwork_base: Context.ServiceClass<SimulatedNetwork, "@gc/testkit/SimulatedNetwork", {
    readonly transport: (host?: string, options?: {
        readonly port?: number | undefined;
    }) => Transport["Service"];
    readonly layer: (host?: string, options?: {
        readonly port?: number | undefined;
    }) => Layer.Layer<Transport>;
    readonly clock: (host: string) => Clock.Clock;
    readonly partition: (groups: ReadonlyArray<ReadonlyArray<string>>) => Effect.Effect<void>;
    readonly heal: Effect.Effect<void>;
    readonly blackhole: (route: Route) => Effect.Effect<void>;
    readonly reopen: (route: Route) => Effect.Effect<void>;
    readonly loss: (rate: number, route?: Route) => Effect.Effect<void>;
    readonly latency: (delay: {
        readonly latency?: Duration.Input | undefined;
        readonly jitter?: Duration.Input | undefined;
    }, route?: Route) => Effect.Effect<void>;
    readonly cut: (a: string, b: string) => Effect.Effect<void>;
    readonly pause: (host: string) => Effect.Effect<void>;
    readonly resume: (host: string) => Effect.Effect<void>;
    readonly kill: (host: string) => Effect.Effect<void>;
    readonly restart: (host: string) => Effect.Effect<void>;
    readonly flap: (route: Route, options: {
        readonly down: Duration.Input;
        readonly up: Duration.Input;
        readonly times: number;
    }) => Effect.Effect<void>;
    readonly events: Effect.Effect<ReadonlyArray<NetworkEvent>>;
}>;
export declare class SimulatedNetwork extends SimulatedNetwork_base {
}
export declare const make: (options?: Options) => Effect.Effect<SimulatedNetwork["Service"], never, Scope.Scope>;
export declare const layer: (options?: Options) => Layer.Layer<SimulatedNetwork>;
export declare const layerTransport: (host?: string, options?: {
    readonly port?: number | undefined;
}) => Layer.Layer<Transport, never, SimulatedNetwork>;

// ---- @gc/testkit: TestConfiguration
import * as Configuration from "@gc/core/Configuration";
import type { Discovery, DiscoveryError } from "@gc/core/Discovery";
import * as Plugin from "@gc/core/Plugin";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import type * as Scope from "effect/Scope";
export declare const fromFile: (plugins: Plugin.Plugins, content: object) => Effect.Effect<Configuration.Configuration, Configuration.ConfigurationError, Scope.Scope>;
export declare const fromEnvironment: (plugins: Plugin.Plugins, env: Readonly<Record<string, string>>) => Effect.Effect<Configuration.Configuration, Plugin.ConfigurationError>;
export declare const discovery: ({ discoveries }: Configuration.Configuration) => Layer.Layer<Discovery, DiscoveryError | Plugin.ConfigurationError>;
export declare const problems: <A, R>(read: Effect.Effect<A, Plugin.ConfigurationError, R>) => Effect.Effect<ReadonlyArray<string>, A, R>;
export declare const sample: (document: URL) => object;

// ---- @gc/testkit: TestDiscovery
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Discovery from "@gc/core/Discovery";
import type { LocalNode } from "@gc/core/LocalNode";
import type { Peer } from "@gc/core/Peer";
export interface TestDiscovery {
    readonly source: Discovery.Source;
    readonly layer: Layer.Layer<Discovery.Discovery>;
    readonly set: (peers: ReadonlyArray<Peer>) => Effect.Effect<void>;
    readonly fail: (error: string | Discovery.DiscoveryError) => Effect.Effect<void>;
    readonly break: (error: string | Discovery.DiscoveryError) => Effect.Effect<void>;
    readonly end: Effect.Effect<void>;
    readonly running: Effect.Effect<ReadonlyArray<LocalNode>>;
    readonly announced: Effect.Effect<ReadonlyArray<LocalNode>>;
    readonly awaitRunning: (count: number) => Effect.Effect<void>;
}
export declare const make: (options?: {
    readonly name?: string | undefined;
    readonly peers?: ReadonlyArray<Peer> | undefined;
} | undefined) => Effect.Effect<TestDiscovery, never, never>;
export declare const layer: (peers: ReadonlyArray<Peer>) => Layer.Layer<Discovery.Discovery>;

// ---- @gc/testkit: index
export * as SeededEntropy from "./SeededEntropy.ts";
export * as SimulatedNetwork from "./SimulatedNetwork.ts";
export * as TestConfiguration from "./TestConfiguration.ts";
export * as TestDiscovery from "./TestDiscovery.ts";

// ---- @gc/testkit: internal/endpoint
import * as Transport from "@gc/core/Transport";
import type { Machine, Simulation } from "./simulation.ts";
import { type Segment } from "./wire.ts";
export declare class Endpoint {
    #private;
    readonly machine: Machine;
    readonly local: string;
    readonly remote: string;
    readonly connection: Transport.Connection;
    constructor(simulation: Simulation, machine: Machine, remoteHost: string, local: string, remote: string);
    join(peer: Endpoint): void;
    arrive(segment: Segment): void;
    close(): void;
    kill(): void;
    abandon(): void;
    reset(code: string): void;
    cutFrom(a: Machine, b: Machine): void;
    pump(): void;
    acknowledge(): void;
    wake(): void;
    wasRead(bytes: number): void;
}

// ---- @gc/testkit: internal/memoryListener
import * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";
import * as Address from "@gc/core/Address";
import * as Transport from "@gc/core/Transport";
import type { Endpoint } from "./endpoint.ts";
import type { Machine, Simulation } from "./simulation.ts";
export declare class MemoryListener {
    #private;
    readonly address: Address.Address;
    readonly machine: Machine;
    constructor(simulation: Simulation, machine: Machine, port: number);
    get isFull(): boolean;
    get isEnded(): boolean;
    offer(endpoint: Endpoint): void;
    end(reason: Transport.TransportReason): void;
    wake(): void;
    readonly accept: Effect.Effect<Transport.Connection, Transport.TransportError, Scope.Scope>;
}

// ---- @gc/testkit: internal/paths
export interface Quality {
    latency: number;
    jitter: number;
    loss: number;
}
export interface Path {
    readonly from: string;
    readonly to: string;
    readonly isOpen: () => boolean;
    readonly delay: () => number;
    readonly latency: () => number;
    readonly lost: (packets: number) => number;
}
export interface Paths {
    readonly get: (from: string, to: string) => Path;
    readonly setDefault: (quality: Partial<Quality>) => void;
    readonly set: (from: string, to: string, quality: Partial<Quality>) => void;
    readonly drop: (from: string, to: string) => void;
    readonly undrop: (from: string, to: string) => void;
    readonly partition: (groups: ReadonlyArray<ReadonlyArray<string>>) => void;
    readonly heal: () => void;
}
export declare const makePaths: (seed: string | number, defaults: Quality) => Paths;

// ---- @gc/testkit: internal/simulation
import type * as Transport from "@gc/core/Transport";
import type { Endpoint } from "./endpoint.ts";
import type { MemoryListener } from "./memoryListener.ts";
import type { Paths } from "./paths.ts";
import type { Timeline } from "./timeline.ts";
export interface NetworkEvent {
    readonly at: number;
    readonly event: "listening" | "dialing" | "refused" | "connected" | "sent" | "arrived" | "lost" | "closed" | "reset" | "partition" | "heal" | "blackhole" | "loss" | "latency" | "cut" | "pause" | "resume" | "kill" | "restart";
    readonly from: string;
    readonly to: string;
    readonly bytes: number;
}
export interface Machine {
    readonly name: string;
    readonly listeners: Map<number, MemoryListener>;
    readonly dials: Set<{
        readonly fail: (reason: Transport.TransportReason) => void;
        readonly wake: () => void;
    }>;
    readonly sleepers: Set<() => void>;
    paused: boolean;
    up: boolean;
    portsTaken: number;
}
export interface Simulation {
    readonly timeline: Timeline;
    readonly paths: Paths;
    readonly window: number;
    readonly endpoints: Set<Endpoint>;
    readonly machine: (name: string) => Machine;
    readonly isKnown: (name: string) => boolean;
    readonly note: (event: Omit<NetworkEvent, "at">) => void;
}

// ---- @gc/testkit: internal/timeline
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";
export interface Timeline {
    readonly clock: Clock.Clock;
    readonly now: () => number;
    readonly plan: (at: number, action: () => void) => void;
    readonly soon: (action: () => void) => void;
}
export declare const makeTimeline: Effect.Effect<Timeline, never, Scope.Scope>;

// ---- @gc/testkit: internal/wire
import type { Path } from "./paths.ts";
import type { Timeline } from "./timeline.ts";
export interface Segment {
    readonly frames: ReadonlyArray<Uint8Array>;
    readonly bytes: number;
    readonly end: boolean;
}
export interface WireEnds {
    readonly onArrival: (segment: Segment) => void;
    readonly onRoom: () => void;
    readonly onTimeout: () => void;
    readonly onLost: (segment: Segment) => void;
}
export declare class Wire {
    #private;
    constructor(timeline: Timeline, path: Path, back: Path, ends: WireEnds);
    get unread(): number;
    send(segment: Segment): void;
    read(bytes: number): void;
    acknowledge(): void;
    cut(): void;
}

// ---- @gc/testkit: suites/DiscoveryCapabilities
import type { Discovery } from "@gc/core/Discovery";
import * as Peer from "@gc/core/Peer";
import type { NonEmptyReadonlyArray } from "effect/Array";
import type * as Duration from "effect/Duration";
import type * as Effect from "effect/Effect";
import type * as Layer from "effect/Layer";
export interface DiscoveryWorld {
    readonly layer: Layer.Layer<Discovery, unknown>;
    readonly set?: ((peers: ReadonlyArray<Peer.Peer>) => Effect.Effect<void, unknown>) | undefined;
    readonly fail?: Effect.Effect<void, unknown> | undefined;
    readonly hang?: Effect.Effect<void, unknown> | undefined;
    readonly announced?: Effect.Effect<number, unknown> | undefined;
}
export interface DiscoveryCapabilities {
    readonly peers: NonEmptyReadonlyArray<Peer.Peer>;
    readonly ends: boolean;
    readonly changes: boolean;
    readonly fails: boolean;
    readonly hangs?: boolean | undefined;
    readonly announces: boolean;
    readonly meets?: boolean | undefined;
    readonly polls: boolean;
    readonly patience?: Duration.Input | undefined;
}
export declare const format: (capabilities: DiscoveryCapabilities) => string;

// ---- @gc/testkit: suites/TransportCapabilities
import type { Address } from "@gc/core/Address";
import type { SecurityMode, Transport } from "@gc/core/Transport";
import type { NonEmptyReadonlyArray } from "effect/Array";
import type * as Duration from "effect/Duration";
import type * as Effect from "effect/Effect";
import type * as Layer from "effect/Layer";
import type * as Scope from "effect/Scope";
export interface RawStream {
    readonly write: (bytes: Uint8Array) => Effect.Effect<void>;
    readonly ended: Effect.Effect<void>;
}
export interface TransportCapabilities {
    readonly protocols: NonEmptyReadonlyArray<string>;
    readonly modes: NonEmptyReadonlyArray<SecurityMode>;
    readonly refusal: boolean;
    readonly remoteHost: string | false;
    readonly buffered?: number | undefined;
    readonly patience?: Duration.Input | undefined;
    readonly silent?: Effect.Effect<Address, unknown, Scope.Scope> | undefined;
    readonly stranger?: Layer.Layer<Transport, unknown> | undefined;
    readonly raw?: ((address: Address) => Effect.Effect<RawStream, unknown, Scope.Scope>) | undefined;
}
export declare const format: (capabilities: TransportCapabilities) => string;

// ---- @gc/testkit: suites/discoverySuite
import type { Discovery } from "@gc/core/Discovery";
import * as Effect from "effect/Effect";
import type * as Layer from "effect/Layer";
import type * as Scope from "effect/Scope";
import { type DiscoveryCapabilities, type DiscoveryWorld } from "./DiscoveryCapabilities.ts";
export declare const discoverySuite: (name: string, world: Layer.Layer<Discovery, unknown> | Effect.Effect<DiscoveryWorld, unknown, Scope.Scope>, capabilities: DiscoveryCapabilities) => void;

// ---- @gc/testkit: suites/index
export * as DiscoveryCapabilities from "./DiscoveryCapabilities.ts";
export { discoverySuite } from "./discoverySuite.ts";
export * as TransportCapabilities from "./TransportCapabilities.ts";
export { transportSuite } from "./transportSuite.ts";

// ---- @gc/testkit: suites/transportSuite
import { Transport } from "@gc/core/Transport";
import type * as Layer from "effect/Layer";
import { type TransportCapabilities } from "./TransportCapabilities.ts";
export declare const transportSuite: <E>(name: string, layer: Layer.Layer<Transport, E>, capabilities: TransportCapabilities) => void;
