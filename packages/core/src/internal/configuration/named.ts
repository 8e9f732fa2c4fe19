import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Named, NamedPlugin } from "../../Configuration.ts"
import type { ConfigurationError } from "../../ConfigurationError.ts"
import {
  constantCase,
  environmentName,
  environmentNames,
  isForeign,
  readEnvironment,
  variablesOf
} from "./environment.ts"
import { entryFields, type Group, groups } from "./settings.ts"
import { isTree, overlay, readSource, type Tree } from "./source.ts"

/** The keys that variables name: `GC_DISCOVERY_DNS_QUERY` names `dns`, and `GC_DISCOVERY_MY_REGISTRY_URL` a key of the file. */
const keysIn = (names: ReadonlyArray<string>, group: Group, inFile: ReadonlyArray<string>): ReadonlyArray<string> => {
  const prefix = `GC_${group.toUpperCase()}_`
  return names
    .filter((name) => name.startsWith(prefix) && !isForeign(name))
    .map((name) => {
      const rest = name.slice(prefix.length)
      const longest = inFile
        .filter((key) => rest === constantCase(key) || rest.startsWith(`${constantCase(key)}_`))
        .toSorted((one, other) => other.length - one.length)[0]
      return longest ?? rest.split("_")[0]?.toLowerCase() ?? ""
    })
    .filter((key) => key !== "")
}

const anyEntry = Schema.Record(Schema.String, Schema.Unknown)

const namedPlugin = (key: string, entry: unknown): NamedPlugin => {
  const from = isTree(entry) ? entry["package"] : undefined
  return typeof from === "string" && from !== "" ? { key, package: from } : { key }
}

/** Which plugins are named, before any of them is loaded. */
export const namedIn = Effect.fnUntraced(function* (
  path: string | undefined
): Effect.fn.Return<Named, ConfigurationError> {
  const source = yield* readSource(path)
  const names = yield* environmentNames
  const keys = (tree: Tree, group: Group): ReadonlyArray<string> => {
    const entries = tree[group]
    const inFile = isTree(entries) ? Object.keys(entries) : []
    return [...new Set([...inFile, ...keysIn(names, group, inFile)])]
  }
  const entries = groups.flatMap((group) => keys(source.tree, group).map((key) => ({ group, key })))
  const packages = entries.flatMap(({ group, key }) => [
    { name: environmentName([group, key]), path: [group, key], ast: anyEntry.ast },
    { name: `${environmentName([group, key])}_PACKAGE`, path: [group, key, "package"], ast: entryFields.package.ast }
  ])
  const environment = yield* readEnvironment([...variablesOf({}), ...packages])
  const { tree } = overlay(source.tree, environment)
  const of = (group: Group): ReadonlyArray<NamedPlugin> =>
    keys(source.tree, group).map((key) => namedPlugin(key, isTree(tree[group]) ? tree[group][key] : undefined))
  const transport = of("transport")
  const empty =
    entries.length === 0 &&
    source.problems.length === 0 &&
    environment.problems.length === 0 &&
    Object.keys(tree).every((key) => key === "$schema")
  return {
    discovery: of("discovery"),
    transport: transport.length === 0 && !empty ? [{ key: "tcp" }] : transport,
    resolver: of("resolver"),
    empty
  }
})
