/**
 * A network in memory, for tests of whatever stands on a `Transport`: hosts, streams between them, and everything that can
 * happen to those.
 *
 * All time is Effect's `Clock` and all chance comes from the seed: under `TestClock` a test that runs twice with one seed
 * sees the same events at the same times.
 *
 * @since 0.1.0
 */
import type * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { Transport } from "@gc/core/Transport"
import { makeNetwork } from "./internal/network.ts"
import type { NetworkEvent } from "./internal/simulation.ts"

export type {
  /**
   * One thing that happened in a simulated network.
   *
   * @category models
   * @since 0.1.0
   */
  NetworkEvent
} from "./internal/simulation.ts"

/**
 * Which way a fault goes: between two hosts in both directions, or from one to the other only.
 *
 * @category models
 * @since 0.1.0
 */
export type Route = readonly [a: string, b: string] | { readonly from: string; readonly to: string }

/**
 * How a simulated network behaves before anything is done to it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** One way, between two different hosts. Default: none. */
  readonly latency?: Duration.Input | undefined
  /** Up to so much more, evenly distributed. Default: none. */
  readonly jitter?: Duration.Input | undefined
  /** The share of packets that is lost between two different hosts, 0..1. Default: 0. */
  readonly loss?: number | undefined
  /** Where all chance comes from. Default: 0. */
  readonly seed?: string | number | undefined
  /** Bytes that one end of a connection may have sent and the other not read before `send` suspends. Default: 262,144. */
  readonly window?: number | undefined
  /** Told of every event, synchronously; it must not throw. */
  readonly onEvent?: ((event: NetworkEvent) => void) | undefined
}

/**
 * A network in memory.
 *
 * **Details**
 *
 * What holds for every stream:
 *
 * - It is carried as TCP would carry it: whole and in order. A lost packet (1,448 bytes of the stream) is sent again after
 *   200 ms and the round trip, then after twice that, up to 120 s; what was sent behind it waits. After 15 tries in vain the
 *   stream is cut (`Reset`, `ETIMEDOUT`). After a partition is healed the next try gets through, not earlier.
 * - A dial's packets are repeated after 1 s, 2 s, 4 s and so on, and given up after 127 s (`ConnectTimeout`); a host that
 *   was never named answers `HostUnknown`, a port without a listener `Refused`.
 * - `send` suspends while `window` bytes are sent and not read. `Connection.proof` is always `Plain`.
 * - Within one host nothing is delayed or lost, and no partition goes through it.
 *
 * The verbs take effect at once; what is already in flight arrives. Naming a host that is not in the network is a defect.
 *
 * @category services
 * @since 0.1.0
 */
export class SimulatedNetwork extends Context.Service<
  SimulatedNetwork,
  {
    /**
     * A transport on this host, made known by it: protocol `memory`, addresses `memory://host:port`. Several on one host are
     * several processes on one machine. Default host: `host-1`, `host-2`, …; port 0, the default, takes a free one.
     */
    readonly transport: (host?: string, options?: { readonly port?: number | undefined }) => Transport["Service"]
    /** `transport` as a layer. */
    readonly layer: (host?: string, options?: { readonly port?: number | undefined }) => Layer.Layer<Transport>
    /**
     * The clock of a host that has a transport, to be given to what runs there as Effect's `Clock`: while the host is paused
     * its timers do not wake; at the resume those that were due do, late, and before anything is received.
     */
    readonly clock: (host: string) => Clock.Clock
    /**
     * Hosts in different groups do not reach each other any more; hosts in no group make one more group. Replaces the last
     * partition. Packets are dropped, no stream is cut.
     */
    readonly partition: (groups: ReadonlyArray<ReadonlyArray<string>>) => Effect.Effect<void>
    /** Takes back `partition` and `blackhole`. Loss and latency stay. */
    readonly heal: Effect.Effect<void>
    /** Drops every packet on this route, until `reopen` or `heal`. */
    readonly blackhole: (route: Route) => Effect.Effect<void>
    /** Takes back `blackhole` on this route. */
    readonly reopen: (route: Route) => Effect.Effect<void>
    /** The share of packets that is lost, 0..1, on this route or wherever no route was named. */
    readonly loss: (rate: number, route?: Route) => Effect.Effect<void>
    /** The delay of packets, on this route or wherever no route was named. What is not given stays as it is. */
    readonly latency: (
      delay: { readonly latency?: Duration.Input | undefined; readonly jitter?: Duration.Input | undefined },
      route?: Route
    ) => Effect.Effect<void>
    /** Resets every connection between the two hosts, on both sides (`Reset`, `ECONNRESET`). A new dial gets through. */
    readonly cut: (a: string, b: string) => Effect.Effect<void>
    /**
     * SIGSTOP: the programs of this host neither take nor give any more, while its kernel goes on: dials succeed into the
     * backlog, bytes arrive until the window is full. What its fibers ask of the transport waits; the fibers themselves and
     * their timers run on, unless they have the host's `clock`.
     */
    readonly pause: (host: string) => Effect.Effect<void>
    /** SIGCONT. */
    readonly resume: (host: string) => Effect.Effect<void>
    /**
     * SIGKILL: its connections end, its listeners are gone, dials to it are `Refused`, and what its fibers ask of the
     * transport fails. The other ends see `Closed`, or `Reset` where something lay unread; a partition hides that from them
     * as long as it lasts.
     */
    readonly kill: (host: string) => Effect.Effect<void>
    /** A killed host can be used again, with new `listen`s and `dial`s. */
    readonly restart: (host: string) => Effect.Effect<void>
    /** Drops everything on this route for `down`, lets it through for `up`, so many times; takes as long as that. */
    readonly flap: (
      route: Route,
      options: { readonly down: Duration.Input; readonly up: Duration.Input; readonly times: number }
    ) => Effect.Effect<void>
    /** What happened so far: the last 10,000 events. */
    readonly events: Effect.Effect<ReadonlyArray<NetworkEvent>>
  }
>()("@gc/testkit/SimulatedNetwork") {}

/**
 * A network without hosts. It lives as long as its scope; then every connection ends.
 *
 * **Example** (Two hosts that cannot reach each other)
 *
 * ```ts
 * const network = yield* SimulatedNetwork.make({ latency: "1 millis", seed: 7 })
 * const a = network.transport("a")
 * const b = network.transport("b")
 * yield* network.partition([["a"], ["b"]])
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: Options = {}): Effect.Effect<SimulatedNetwork["Service"], never, Scope.Scope> =>
  Effect.map(makeNetwork(options), (network) => SimulatedNetwork.of(network))

/**
 * `make` as a layer.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options = {}): Layer.Layer<SimulatedNetwork> =>
  Layer.effect(SimulatedNetwork, make(options))

/**
 * The transport of one host of the network.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerTransport = (
  host?: string,
  options?: { readonly port?: number | undefined }
): Layer.Layer<Transport, never, SimulatedNetwork> =>
  Layer.effect(
    Transport,
    SimulatedNetwork.useSync((network) => network.transport(host, options))
  )
