/**
 * Runs a node until it is asked to end, and tells what happens.
 */
import { Cluster, type Service } from "@gc/core/Cluster"
import type { ConfigurationError } from "@gc/core/ConfigurationError"
import type { ClusterError } from "@gc/core/ClusterError"
import type { DiscoveryError } from "@gc/core/DiscoveryError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { type EventRecord, lineOf, recordOfSelf, recordOfStart } from "./events.ts"
import { type CliFailure, failure } from "./failure.ts"
import { print, printJson } from "./output.ts"
import { untilStopped } from "./stopping.ts"

/** A node's layer, whichever way it was made. */
export type NodeLayer = Layer.Layer<Cluster, ClusterError | DiscoveryError | ConfigurationError>

/** Prints a record as JSON or for people. */
export const emit = (record: EventRecord, json: boolean): Effect.Effect<void> =>
  json ? printJson(record) : print(lineOf(record))

const failureOf = (error: ClusterError | DiscoveryError | ConfigurationError): CliFailure =>
  failure(
    error._tag === "ClusterError" && error.reason._tag === "ListenFailed" ? "failed" : "configuration",
    error.message
  )

/** The steps of this node that are told. */
export type Step = "started" | "leaving" | "left"

/** What a node does, beside being in. */
export interface Doing<E> {
  /** Tells of a step. When it fails at `started` the node leaves. */
  readonly tell: (step: Step, cluster: Service) => Effect.Effect<void, E>
  readonly work: (cluster: Service) => Effect.Effect<void, E>
}

/** Tells of each step by its record. */
export const tellRecord =
  (json: boolean) =>
  (step: Step, { self }: Service): Effect.Effect<void> =>
    emit(step === "started" ? recordOfStart(self) : recordOfSelf(step, self), json)

/**
 * Starts the node, does its work until that ends or the program is asked to end, and leaves: within 5 seconds, unless a second
 * signal ends the process.
 */
export const runNode = <E>(node: NodeLayer, { tell, work }: Doing<E>): Effect.Effect<void, E | CliFailure> =>
  Effect.gen(function* () {
    const built = yield* untilStopped(Effect.mapError(Layer.build(node), failureOf))
    if (Option.isNone(built)) return
    const cluster = Context.get(built.value, Cluster)
    const begun = yield* untilStopped(tell("started", cluster))
    if (Option.isNone(begun)) return
    yield* untilStopped(work(cluster))
    yield* tell("leaving", cluster)
    yield* cluster.leave
    yield* tell("left", cluster)
  }).pipe(Effect.scoped)
