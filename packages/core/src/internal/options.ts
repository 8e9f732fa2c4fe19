import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Cluster from "../Cluster.ts"
import { ClusterError, OptionInvalid } from "../ClusterError.ts"
import { type Backoff, defaultBackoff, type DetectorFigures, figuresProblem, presets } from "../protocol/figures.ts"
import { defaultMaxMessageSize } from "../protocol/flow.ts"
import { metadataProblem } from "../protocol/metadata.ts"
import { parseClusterName } from "../protocol/names.ts"
import type { NodeOptions, OnRemoved } from "../protocol/node.ts"
import type { SecurityMode } from "../Transport.ts"

const wrong = (key: string, value: unknown, expected: string): Effect.Effect<never, ClusterError> =>
  Effect.fail(new ClusterError({ reason: new OptionInvalid({ key, value: show(value), expected }) }))

const show = (value: unknown): string => {
  const text = Duration.isDuration(value) ? String(value) : JSON.stringify(value)
  return text === undefined ? String(value) : text.slice(0, 200)
}

const millis = (key: string, input: Duration.Input): Effect.Effect<number, ClusterError> => {
  const duration = Duration.fromInput(input)
  return duration._tag === "None" || Duration.toMillis(duration.value) < 0
    ? wrong(key, input, 'a duration such as "5 seconds", or a number of milliseconds')
    : Effect.succeed(Duration.toMillis(duration.value))
}

/** Options may come from programs that no compiler has seen. */
const isRecord = (value: unknown): boolean => typeof value === "object" && value !== null

const positive = (key: string, value: number | undefined, otherwise: number): Effect.Effect<number, ClusterError> =>
  value === undefined || (Number.isSafeInteger(value) && value > 0)
    ? Effect.succeed(value ?? otherwise)
    : wrong(key, value, "a whole number above 0")

const reconnectOf = Effect.fnUntraced(function* (options: Cluster.Options, refreshInterval: number) {
  const { reconnect } = options
  if (reconnect === undefined) return Number.isFinite(refreshInterval) ? defaultBackoff : "never"
  if (reconnect === "never") return "never"
  if (!isRecord(reconnect)) return yield* wrong("reconnect", reconnect, '"never", or { initial, factor, max }')
  const backoff: Backoff = {
    initial: yield* millis("reconnect.initial", reconnect.initial ?? defaultBackoff.initial),
    factor: reconnect.factor ?? defaultBackoff.factor,
    max: yield* millis("reconnect.max", reconnect.max ?? defaultBackoff.max)
  }
  if (!(backoff.factor >= 1 && backoff.factor <= 10)) {
    return yield* wrong("reconnect.factor", backoff.factor, "a number of 1 to 10")
  }
  if (backoff.initial < 1 || backoff.max < backoff.initial) {
    return yield* wrong("reconnect.max", backoff.max, "at least reconnect.initial, which is at least 1 millisecond")
  }
  return backoff
})

const onRemovedOf = Effect.fnUntraced(function* (options: Cluster.Options) {
  const { onRemoved = "keep" } = options
  if (onRemoved === "keep" || onRemoved === "disconnect") return onRemoved as OnRemoved
  if (!isRecord(onRemoved)) {
    return yield* wrong("onRemoved", onRemoved, '"keep", "disconnect", or { disconnectAfter: "30 seconds" }')
  }
  return { disconnectAfter: yield* millis("onRemoved.disconnectAfter", onRemoved.disconnectAfter) } as OnRemoved
})

const figuresOf = Effect.fnUntraced(function* (options: Cluster.Options) {
  const { detector = "lan" } = options
  if (typeof detector === "string") {
    if (Object.hasOwn(presets, detector)) return presets[detector]
    return yield* wrong("detector", detector, `${Object.keys(presets).join(", ")}, or figures`)
  }
  if (!isRecord(detector)) return yield* wrong("detector", detector, "a preset, or figures")
  const figures: DetectorFigures = {
    heartbeat: yield* millis("detector.heartbeat", detector.heartbeat),
    suspectAfter: yield* millis("detector.suspectAfter", detector.suspectAfter),
    downAfter: yield* millis("detector.downAfter", detector.downAfter)
  }
  const problem = figuresProblem(figures)
  return problem === undefined ? figures : yield* wrong("detector", detector, problem)
})

const modes: ReadonlyArray<SecurityMode> = ["psk", "mtls", "plain"]

/** Reads the options that concern the pure node; the first that is wrong is the failure. */
export const readOptions = Effect.fnUntraced(function* (options: Cluster.Options) {
  const cluster = parseClusterName(options.cluster)
  if (!cluster.ok) return yield* wrong("cluster", options.cluster, cluster.reason)
  const refreshInterval = yield* millis("refreshInterval", options.refreshInterval ?? "5 seconds")
  if (refreshInterval < 10) return yield* wrong("refreshInterval", options.refreshInterval, "at least 10 milliseconds")
  const metadata: Record<string, string> = Object.assign(Object.create(null), options.metadata)
  const problem = metadataProblem(metadata)
  if (problem !== undefined) return yield* wrong("metadata", options.metadata, problem)
  const { appVersion, security = "psk" } = options
  if (!modes.includes(security)) return yield* wrong("security", security, modes.join(", "))
  if (appVersion !== undefined && new TextEncoder().encode(appVersion).length > 64) {
    return yield* wrong("appVersion", appVersion, "at most 64 bytes")
  }
  const node: NodeOptions = {
    figures: yield* figuresOf(options),
    reconnect: yield* reconnectOf(options, refreshInterval),
    refreshInterval,
    onRemoved: yield* onRemovedOf(options),
    peerExchange: options.peerExchange ?? true,
    maxMembers: yield* positive("maxMembers", options.maxMembers, 1_024)
  }
  const maxMessageSize = yield* positive("maxMessageSize", options.maxMessageSize, defaultMaxMessageSize)
  const maxPendingPerHost = yield* positive("maxPendingPerHost", options.maxPendingPerHost, 8)
  return { cluster: cluster.value, node, metadata, maxMessageSize, maxPendingPerHost, appVersion, security }
})
