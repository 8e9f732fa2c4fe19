import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { DiscoveryPlugin, Plugins, ResolverPlugin, TransportPlugin } from "../../Plugin.ts"
import type { SecurityMode } from "../../Transport.ts"
import { type Findings, kindOf, mostTold, problemsOf, unknownKey } from "./problems.ts"
import { brokenRules } from "./rules.ts"
import { type AnyPlugin, entryFields, entryKeys, type Group } from "./settings.ts"
import { isTree, type Tree } from "./source.ts"

/** An entry as its plugin's schema decoded it. */
export interface Decoded<Plugin extends AnyPlugin = AnyPlugin> {
  readonly plugin: Plugin
  readonly settings: unknown
  readonly security: SecurityMode | undefined
}

const own = Schema.Struct(entryFields)
const strictly = { errors: "all", onExcessProperty: "error" } as const
const decodeOwn = Schema.decodeUnknownResult(own, strictly)

const nouns: Readonly<Record<Group, string>> = {
  transport: "a transport",
  discovery: "a discovery",
  resolver: "a resolver"
}

const anEntry = "an object with its settings; {} takes the defaults"

/** What a schema throws says nothing of where it comes from. */
const decodeSettings = (group: Group, { key, schema }: AnyPlugin, given: Tree) => {
  try {
    return Schema.decodeUnknownResult(schema, strictly)(given)
  } catch (cause) {
    throw new Error(`the schema of the plugin ${group}.${key} may neither throw nor wait`, { cause })
  }
}

const decodeEntry = <Plugin extends AnyPlugin>(
  group: Group,
  plugin: Plugin,
  entry: unknown,
  { locate, problems }: Findings
): Decoded<Plugin> | undefined => {
  const prefix = [group, plugin.key]
  if (!isTree(entry)) {
    problems.push({ key: locate(prefix), value: kindOf(entry), expected: anEntry })
    return undefined
  }
  const taken: ReadonlyArray<string> = entryKeys(group)
  const core = decodeOwn(Object.fromEntries(Object.entries(entry).filter(([key]) => taken.includes(key))))
  const given = Object.fromEntries(Object.entries(entry).filter(([key]) => !taken.includes(key)))
  const settings = decodeSettings(group, plugin, given)
  if (Result.isFailure(core)) {
    problems.push(...problemsOf(core.failure.issue, { ast: own.ast, value: entry, prefix, locate }))
  }
  if (Result.isFailure(settings)) {
    const { ast } = plugin.schema
    const from = { ast, value: given, prefix, locate, alsoKnown: taken }
    const own = problemsOf(settings.failure.issue, from)
    const broken = brokenRules(ast, given).flatMap((issue) => problemsOf(issue, from))
    problems.push(...own, ...broken.filter(({ key }) => own.every((each) => each.key !== key)))
  }
  return Result.isSuccess(core) && Result.isSuccess(settings)
    ? { plugin, settings: settings.success, security: core.success.security }
    : undefined
}

const noneOf = (group: Group, known: ReadonlyArray<string>): string =>
  known.length === 0 ? `${nouns[group]} that the program knows, and it knows none` : `one of ${known.join(", ")}`

const decodeGroup = <Plugin extends AnyPlugin>(
  tree: Tree,
  group: Group,
  plugins: ReadonlyArray<Plugin>,
  findings: Findings
): ReadonlyArray<Decoded<Plugin>> => {
  const { locate, problems } = findings
  const entries = tree[group]
  const known = plugins.map(({ key }) => key)
  const twice = known.find((key, index) => known.indexOf(key) !== index)
  if (twice !== undefined) {
    problems.push({ key: `${group}.${twice}`, value: "the key of two plugins", expected: "one plugin of that key" })
  }
  if (entries === undefined) return []
  if (!isTree(entries)) {
    problems.push({
      key: locate([group]),
      value: kindOf(entries),
      expected: `an object with entries: ${noneOf(group, known)}`
    })
    return []
  }
  return Object.entries(entries).flatMap(([key, entry]) => {
    const plugin = plugins.find((each) => each.key === key)
    if (plugin !== undefined) return decodeEntry(group, plugin, entry, findings) ?? []
    if (problems.length > mostTold) return []
    const { expected } = unknownKey([group, key], known, locate)
    const missing = known.length === 0 ? noneOf(group, known) : expected
    problems.push({ key: locate([group, key]).slice(0, 200), value: `no ${group} of this program`, expected: missing })
    return []
  })
}

/** The transport of a configuration that names none: `tcp`, or the only one there is. */
const defaultTransport = (plugins: ReadonlyArray<TransportPlugin>): TransportPlugin | undefined =>
  plugins.find(({ key }) => key === "tcp") ?? (plugins.length === 1 ? plugins[0] : undefined)

const transportsOf = (
  tree: Tree,
  plugins: ReadonlyArray<TransportPlugin>,
  findings: Findings
): ReadonlyArray<Decoded<TransportPlugin>> => {
  const { transport } = tree
  const named = transport !== undefined && !(isTree(transport) && Object.keys(transport).length === 0)
  if (named) return decodeGroup(tree, "transport", plugins, findings)
  const plugin = defaultTransport(plugins)
  if (plugin !== undefined) {
    const decoded = decodeEntry("transport", plugin, {}, findings)
    return decoded === undefined ? [] : [decoded]
  }
  const known = plugins.map(({ key }) => key)
  findings.problems.push({
    key: findings.locate(["transport"]),
    value: "missing",
    expected: noneOf("transport", known)
  })
  return []
}

const resolverOf = (tree: Tree, plugins: ReadonlyArray<ResolverPlugin>, findings: Findings) => {
  const decoded = decodeGroup(tree, "resolver", plugins, findings)
  if (decoded.length > 1) {
    const keys = decoded.map(({ plugin }) => plugin.key).join(", ")
    findings.problems.push({ key: findings.locate(["resolver"]), value: keys, expected: "one entry" })
  }
  return decoded
}

/** Decodes every entry with the schema of its plugin. */
export const decodeEntries = (
  tree: Tree,
  plugins: Plugins,
  findings: Findings
): {
  readonly transport: ReadonlyArray<Decoded<TransportPlugin>>
  readonly discovery: ReadonlyArray<Decoded<DiscoveryPlugin>>
  readonly resolver: ReadonlyArray<Decoded<ResolverPlugin>>
} => ({
  transport: transportsOf(tree, plugins.transport ?? [], findings),
  discovery: decodeGroup(tree, "discovery", plugins.discovery ?? [], findings),
  resolver: resolverOf(tree, plugins.resolver ?? [], findings)
})
