/**
 * A configuration as text or JSON: what would be started.
 */
import type { Configuration } from "@gc/core/Configuration"
import * as Duration from "effect/Duration"
import * as Redacted from "effect/Redacted"
import { paint, printable } from "../output.ts"

/** Settings as they could stand in a file; a secret is not shown. */
const shown = (value: unknown): unknown => {
  if (Redacted.isRedacted(value)) return "<redacted>"
  if (Duration.isDuration(value)) return Duration.isFinite(value) ? Duration.format(value) : "infinity"
  if (Array.isArray(value)) return value.map(shown)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shown(each)]))
}

/** What `gcluster config check --json` prints. */
export const recordOf = (configuration: Configuration): Readonly<Record<string, unknown>> => {
  const { cluster, cookie, cookieFile, node, ...options } = configuration.options
  return {
    ok: true,
    source: configuration.source,
    cluster,
    node,
    cookie: cookie === undefined ? (cookieFile ?? "~/.gc.cookie") : "<redacted>",
    transport: configuration.transports.map(({ key, security, settings }) => ({
      key,
      security,
      settings: shown(settings)
    })),
    discovery: configuration.discoveries.map(({ key, settings }) => ({ key, settings: shown(settings) })),
    resolver: configuration.resolver && {
      key: configuration.resolver.key,
      settings: shown(configuration.resolver.settings)
    },
    options: shown(options),
    warnings: configuration.warnings
  }
}

const inline = (settings: unknown): string => {
  const entries = Object.entries(shown(settings) ?? {}).filter(([, value]) => value !== undefined)
  return entries
    .map(([key, value]) => `${key}=${printable(typeof value === "string" ? value : JSON.stringify(value))}`)
    .join(" ")
}

/** What `gcluster config check` prints. */
export const linesOf = (configuration: Configuration): ReadonlyArray<string> => {
  const { discoveries, options, resolver, source, transports, warnings } = configuration
  const { admit: _, cluster, cookie, cookieFile, metadata, node, security: __, ...others } = options
  const set = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined))
  const row = (what: string, text: string): string => `  ${what.padEnd(10)} ${text}`.trimEnd()
  return [
    `${paint.bold(source)} is fine. It describes:`,
    row("node", `${node ?? "node-… at its first address"} in the cluster "${printable(cluster)}"`),
    row("cookie", cookie === undefined ? (cookieFile ?? "~/.gc.cookie") : "given, not shown"),
    ...transports.map(({ key, security, settings }) => row("transport", `${key} (${security}) ${inline(settings)}`)),
    ...discoveries.map(({ key, settings }) => row("discovery", `${key} ${inline(settings)}`)),
    ...(discoveries.length === 0 ? [row("discovery", "none: the node looks for nobody, others find it")] : []),
    ...(resolver === undefined ? [] : [row("resolver", `${resolver.key} ${inline(resolver.settings)}`)]),
    ...(metadata === undefined ? [] : [row("metadata", inline(metadata))]),
    ...(Object.keys(set).length === 0 ? [] : [row("options", inline(set))]),
    ...warnings.map((warning) => `${paint.yellow("warning")}: ${warning}`)
  ]
}
