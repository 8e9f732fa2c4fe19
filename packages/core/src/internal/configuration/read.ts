import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Options } from "../../Cluster.ts"
import type { Configuration } from "../../Configuration.ts"
import { ConfigurationError, ValuesInvalid } from "../../ConfigurationError.ts"
import type { Boot, Plugins } from "../../Plugin.ts"
import type { SecurityMode } from "../../Transport.ts"
import { absolute, isExposed, readBounded } from "../files.ts"
import { exposed, makeFiles, modeText, unreadable } from "./bootFiles.ts"
import {
  environmentName,
  environmentNames,
  problemOf,
  readEnvironment,
  strayNames,
  variablesOf,
  warningOf
} from "./environment.ts"
import { type Decoded, decodeEntries } from "./entries.ts"
import { type Findings, kindOf, type Locate, mostTold, type Path, problemsOf, told, unknownKey } from "./problems.ts"
import { groups, isCookie, modes, optionFields, optionsSchema } from "./settings.ts"
import { overlay, readSource, rivals, type Source, type Tree } from "./source.ts"
import { withMode } from "./withMode.ts"

/** A configuration, or why there is none. */
export type Found =
  | { readonly _tag: "Configured"; readonly configuration: Configuration }
  | { readonly _tag: "Nothing"; readonly reason: string }

const decodeOptions = Schema.decodeUnknownResult(optionsSchema, { errors: "all", onExcessProperty: "error" })

type Decodable = typeof optionsSchema.Type

const knownKeys = ["$schema", ...Object.keys(optionFields), ...groups]

const readOptionsOf = (tree: Tree, { locate, problems }: Findings): Decodable | undefined => {
  const own = Object.fromEntries(Object.entries(tree).filter(([key]) => Object.hasOwn(optionFields, key)))
  const unknown = Object.keys(tree).filter((key) => !knownKeys.includes(key))
  problems.push(...unknown.slice(0, mostTold + 1).map((key) => unknownKey([key], knownKeys, locate)))
  const { $schema } = tree
  if ($schema !== undefined && typeof $schema !== "string") {
    problems.push({ key: "$schema", value: kindOf($schema), expected: "a text" })
  }
  for (const [one, other] of rivals) {
    if (own[one] === undefined || own[other] === undefined) continue
    problems.push({ key: locate([other]), value: `given beside ${locate([one])}`, expected: "one of the two" })
  }
  const decoded = decodeOptions(own)
  if (Result.isSuccess(decoded)) return decoded.success
  const { issue } = decoded.failure
  problems.push(...problemsOf(issue, { ast: optionsSchema.ast, value: own, prefix: [], locate }))
  return undefined
}

/** A cookie's file that is named is looked at now, with everything else; its content is read when the node starts. */
const checkCookieFile = (given: unknown, source: Source, { locate, problems }: Findings): void => {
  if (typeof given !== "string" || given === "") return
  const key = locate(["cookieFile"])
  const path = absolute(given, source.directory)
  const file = readBounded(path)
  if (file._tag === "Missing") problems.push(unreadable(key, path, "it does not exist"))
  if (file._tag === "Failed") problems.push(unreadable(key, path, file.detail))
  if (file._tag !== "Read") return
  if (isExposed(file.mode)) problems.push(exposed(key, path, file.mode))
  const text = new TextDecoder().decode(file.bytes).replace(/\r?\n$/, "")
  if (!isCookie(text)) {
    const expected = 'a file with "hex:" and 64 hexadecimal digits, or a passphrase of at least 16 characters'
    problems.push({ key, value: `${JSON.stringify(path)}, which holds no cookie`, expected })
  }
}

const warningsOf = (tree: Tree, source: Source, fromEnvironment: boolean): ReadonlyArray<string> =>
  tree["cookie"] !== undefined && !fromEnvironment && source.mode !== undefined && isExposed(source.mode)
    ? [
        `others can read ${source.name} (mode ${modeText(source.mode)}), and it holds a cookie: run chmod 600 ${source.name}, or keep the cookie in a file of its own that cookieFile names`
      ]
    : []

/** The mode that the whole node is said to have: the one of its transports, or the one that needs a cookie. */
const modeOf = (modes: ReadonlyArray<SecurityMode>): SecurityMode => {
  const [first = "psk", ...others] = modes
  return others.every((mode) => mode === first) ? first : "psk"
}

const optionsOf = (decoded: Decodable, mode: SecurityMode, source: Source): Options => {
  const { cookieFile, refresh_interval_ms: interval, ...options } = decoded
  return {
    ...options,
    security: mode,
    ...(interval !== undefined && { refreshInterval: interval }),
    ...(cookieFile !== undefined && { cookieFile: absolute(cookieFile, source.directory) })
  }
}

const bootOf = (group: string, entry: Decoded, source: Source): Boot => ({
  source: source.name,
  path: `${group}.${entry.plugin.key}`,
  files: makeFiles(source.name, source.directory)
})

/** What plugins find in settings that are right by themselves; the warnings. */
const checkTransports = Effect.fnUntraced(function* (
  entries: ReturnType<typeof decodeEntries>,
  wanted: unknown,
  source: Source,
  { locate, problems }: Findings
) {
  const warnings: Array<string> = []
  for (const entry of entries.transport) {
    const mode = modes.find((each) => each === (entry.security ?? wanted ?? "psk"))
    if (mode === undefined || entry.plugin.check === undefined) continue
    const found = yield* entry.plugin.check(entry.settings, bootOf("transport", entry, source), mode)
    problems.push(...found.problems.map((problem) => ({ ...problem, key: locate(problem.key.split(".")) })))
    warnings.push(...found.warnings)
  }
  return warnings
})

const configurationOf = (
  source: Source,
  options: Decodable,
  entries: ReturnType<typeof decodeEntries>,
  warnings: ReadonlyArray<string>
): Configuration => {
  const transports = entries.transport.map((entry) => {
    const mode = entry.security ?? options.security ?? "psk"
    const made = Layer.suspend(() => entry.plugin.layer(entry.settings, bootOf("transport", entry, source)))
    return { key: entry.plugin.key, security: mode, settings: entry.settings, layer: withMode(made, mode) }
  })
  const [resolver] = entries.resolver
  return {
    source: source.name,
    options: optionsOf(options, modeOf(transports.map(({ security }) => security)), source),
    transports,
    discoveries: entries.discovery.map((entry) => ({
      key: entry.plugin.key,
      settings: entry.settings,
      layer: Layer.suspend(() => entry.plugin.layer(entry.settings, bootOf("discovery", entry, source)))
    })),
    resolver:
      resolver === undefined
        ? undefined
        : {
            key: resolver.plugin.key,
            settings: resolver.settings,
            layer: Layer.suspend(() => resolver.plugin.layer(resolver.settings, bootOf("resolver", resolver, source)))
          },
    warnings
  }
}

/** Reads what is configured, the environment over the file. */
export const findConfiguration = Effect.fnUntraced(function* (
  path: string | undefined,
  plugins: Plugins
): Effect.fn.Return<Found, ConfigurationError> {
  const source = yield* readSource(path)
  const variables = variablesOf(plugins)
  const environment = yield* readEnvironment(variables)
  const names = variables.map(({ name }) => name)
  const strays = strayNames(yield* environmentNames, names)
  const { tree, variableAt } = overlay(source.tree, environment)
  const locate: Locate = (at: Path, missing = false) =>
    variableAt(at) ??
    (missing && source.mode === undefined ? environmentName(at.map(String)) : at.map(String).join("."))
  const findings: Findings = { locate, problems: [...source.problems, ...environment.problems] }
  if (Object.keys(tree).every((key) => key === "$schema") && findings.problems.length === 0) {
    const reasons = [`${source.empty}, and no variable such as GC_CLUSTER is set`, ...strays.map(warningOf)]
    return { _tag: "Nothing", reason: reasons.join("; ") }
  }
  const options = readOptionsOf(tree, findings)
  const entries = decodeEntries(tree, plugins, findings)
  checkCookieFile(tree["cookieFile"], source, findings)
  const unwise = yield* checkTransports(entries, tree["security"], source, findings)
  if (options === undefined || findings.problems.length > 0) {
    const problems = told([...findings.problems, ...strays.flatMap(problemOf)])
    return yield* new ConfigurationError({ reason: new ValuesInvalid({ source: source.name, problems }) })
  }
  const warnings = [
    ...warningsOf(tree, source, variableAt(["cookie"]) !== undefined),
    ...unwise,
    ...strays.map(warningOf)
  ]
  return { _tag: "Configured", configuration: configurationOf(source, options, entries, warnings) }
})

/** `findConfiguration`, whatever the reason may be that there is none. */
export const readConfiguration = (
  path: string | undefined,
  plugins: Plugins
): Effect.Effect<Option.Option<Configuration>, ConfigurationError> =>
  Effect.map(findConfiguration(path, plugins), (found) =>
    found._tag === "Configured" ? Option.some(found.configuration) : Option.none()
  )
