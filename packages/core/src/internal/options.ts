import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Cluster from "../Cluster.ts"
import * as NodeName from "../NodeName.ts"
import { isWellFormed, utf8 } from "../protocol/bytes.ts"
import { type Backoff, defaultBackoff, type DetectorFigures, figuresProblem, presets } from "../protocol/figures.ts"
import { defaultMaxMessageSize } from "../protocol/flow.ts"
import { type Metadata, metadataProblem } from "../protocol/metadata.ts"
import { parseClusterName } from "../protocol/names.ts"
import type { NodeOptions, OnRemoved } from "../protocol/node.ts"
import type { SecurityMode } from "../Transport.ts"
import { flag, isRecord, millis, onlyKnown, positive, type Untyped, wrong } from "./optionValues.ts"

const known = Object.keys({
  cluster: 1,
  node: 1,
  cookie: 1,
  cookieFile: 1,
  refreshInterval: 1,
  reconnect: 1,
  onRemoved: 1,
  detector: 1,
  metadata: 1,
  security: 1,
  allowPlaintext: 1,
  admit: 1,
  peerExchange: 1,
  maxPendingPerHost: 1,
  maxMembers: 1,
  maxMessageSize: 1,
  appVersion: 1
} satisfies Record<keyof Cluster.Options, 1>)

const clusterOf = (value: unknown) => {
  const expected = "1-64 bytes of UTF-8 without NUL"
  if (typeof value !== "string") return wrong("cluster", value, `a text of ${expected}`)
  const cluster = parseClusterName(value)
  return cluster.ok ? Effect.succeed(cluster.value) : wrong("cluster", value, `${expected} (${cluster.reason})`)
}

const nodeOf = (value: unknown) => {
  const expected = "basename@host, for example a@10.0.0.7"
  if (value === undefined) return Effect.succeed(undefined)
  if (typeof value !== "string") return wrong("node", value, expected)
  const name = NodeName.parse(value)
  return Result.isSuccess(name) ? Effect.succeed(name.success) : wrong("node", value, `${expected} (${name.failure})`)
}

const reconnectOf = Effect.fnUntraced(function* (reconnect: unknown, refreshInterval: number) {
  if (reconnect === undefined) return Number.isFinite(refreshInterval) ? defaultBackoff : "never"
  if (reconnect === "never") return "never"
  if (!isRecord(reconnect)) return yield* wrong("reconnect", reconnect, '"never", or { initial, factor, max }')
  yield* onlyKnown("reconnect.", reconnect, ["initial", "factor", "max"])
  const { factor = defaultBackoff.factor, initial = defaultBackoff.initial, max = defaultBackoff.max } = reconnect
  if (typeof factor !== "number" || !(factor >= 1 && factor <= 10)) {
    return yield* wrong("reconnect.factor", factor, "a number of 1 to 10")
  }
  const backoff: Backoff = {
    initial: yield* millis("reconnect.initial", initial),
    factor,
    max: yield* millis("reconnect.max", max)
  }
  if (!Number.isFinite(backoff.initial)) {
    return yield* wrong("reconnect.initial", initial, 'a finite duration; reconnect: "never" never dials again')
  }
  if (backoff.initial < 1 || backoff.max < backoff.initial || !Number.isFinite(backoff.max)) {
    const expected = "a finite duration, at least reconnect.initial, which is at least 1 millisecond"
    return yield* wrong("reconnect.max", backoff.max, expected)
  }
  return backoff
})

const onRemovedOf = Effect.fnUntraced(function* (onRemoved: unknown = "keep") {
  if (onRemoved === "keep" || onRemoved === "disconnect") return onRemoved as OnRemoved
  if (!isRecord(onRemoved)) {
    return yield* wrong("onRemoved", onRemoved, '"keep", "disconnect", or { disconnectAfter: "30 seconds" }')
  }
  yield* onlyKnown("onRemoved.", onRemoved, ["disconnectAfter"])
  return { disconnectAfter: yield* millis("onRemoved.disconnectAfter", onRemoved["disconnectAfter"]) } as OnRemoved
})

const isPreset = (detector: unknown): detector is Cluster.Preset =>
  typeof detector === "string" && Object.hasOwn(presets, detector)

const figuresOf = Effect.fnUntraced(function* (detector: unknown = "lan") {
  if (isPreset(detector)) return presets[detector]
  if (!isRecord(detector)) {
    const expected = `${Object.keys(presets).join(", ")}, or { heartbeat, suspectAfter, downAfter }`
    return yield* wrong("detector", detector, expected)
  }
  yield* onlyKnown("detector.", detector, ["heartbeat", "suspectAfter", "downAfter"])
  const figures: DetectorFigures = {
    heartbeat: yield* millis("detector.heartbeat", detector["heartbeat"]),
    suspectAfter: yield* millis("detector.suspectAfter", detector["suspectAfter"]),
    downAfter: yield* millis("detector.downAfter", detector["downAfter"])
  }
  const problem = figuresProblem(figures)
  return problem === undefined
    ? figures
    : yield* wrong("detector", detector, `figures that fit each other (${problem})`)
})

const texts = '{ key: "text" }, keys of 1-64 letters, digits, "_", "." or "-", at most 4096 bytes'

/** Metadata to publish, or what is expected instead. */
export const readMetadata = (value: unknown): Result.Result<Metadata, string> => {
  if (!isRecord(value)) return Result.fail(texts)
  const metadata: Record<string, string> = Object.assign(Object.create(null), value)
  const problem = metadataProblem(metadata)
  return problem === undefined ? Result.succeed(metadata) : Result.fail(`${texts} (${problem})`)
}

const metadataOf = (value: unknown = {}) =>
  Result.match(readMetadata(value), {
    onSuccess: (metadata) => Effect.succeed(metadata),
    onFailure: (expected) => wrong("metadata", value, expected)
  })

const appVersionOf = (value: unknown) => {
  if (value === undefined) return Effect.succeed(undefined)
  return typeof value === "string" && isWellFormed(value) && !/\p{Cc}/u.test(value) && utf8(value).length <= 64
    ? Effect.succeed(value)
    : wrong("appVersion", value, "a text of at most 64 bytes without control characters")
}

const modes: ReadonlyArray<unknown> = ["psk", "mtls", "plain"] satisfies ReadonlyArray<SecurityMode>

const isMode = (value: unknown): value is SecurityMode => modes.includes(value)

const isAdmit = (value: unknown): value is Cluster.Options["admit"] =>
  value === undefined || typeof value === "function"

/** Reads the options, cookies aside; the first that is wrong is the failure. */
export const readOptions = Effect.fnUntraced(function* (given: unknown) {
  if (!isRecord(given)) return yield* wrong("options", given, 'an object such as { cluster: "orders" }')
  const options: Untyped = given
  yield* onlyKnown("", options, known)
  const cluster = yield* clusterOf(options["cluster"])
  const name = yield* nodeOf(options["node"])
  const { admit, refreshInterval: every = "5 seconds", security = "psk" } = options
  const refreshInterval = yield* millis("refreshInterval", every)
  if (refreshInterval < 10) return yield* wrong("refreshInterval", every, "at least 10 milliseconds")
  const metadata = yield* metadataOf(options["metadata"])
  if (!isMode(security)) return yield* wrong("security", security, `one of ${modes.join(", ")}`)
  if (!isAdmit(admit)) return yield* wrong("admit", admit, "a function that answers true for whom it lets in")
  const node: NodeOptions = {
    figures: yield* figuresOf(options["detector"]),
    reconnect: yield* reconnectOf(options["reconnect"], refreshInterval),
    refreshInterval,
    onRemoved: yield* onRemovedOf(options["onRemoved"]),
    peerExchange: yield* flag("peerExchange", options["peerExchange"], true),
    maxMembers: yield* positive("maxMembers", options["maxMembers"], 1_024)
  }
  return {
    cluster,
    name,
    node,
    metadata,
    security,
    admit,
    allowPlaintext: yield* flag("allowPlaintext", options["allowPlaintext"], false),
    maxMessageSize: yield* positive("maxMessageSize", options["maxMessageSize"], defaultMaxMessageSize),
    maxPendingPerHost: yield* positive("maxPendingPerHost", options["maxPendingPerHost"], 8),
    appVersion: yield* appVersionOf(options["appVersion"])
  }
})
