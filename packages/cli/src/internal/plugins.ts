/**
 * Loads the packages that a configuration names, and no other.
 */
import type { NamedPlugin } from "@gc/core/Configuration"
import type * as Plugin from "@gc/core/Plugin"
import * as OptionKeys from "@gc/core/OptionKeys"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type CliFailure, failure, messageOf } from "./failure.ts"
import { installedIn, isPath, programFolder, resolveFrom } from "./resolve.ts"

/** What a plugin is for. */
export type Kind = "discovery" | "transport" | "resolver"

/** Where packages are looked for. */
export interface Places {
  /** The folder of the configuration file: files that an entry names as its package are found from here. */
  readonly file: string
  /** The working directory. */
  readonly working: string
}

interface PluginOf {
  readonly discovery: Plugin.DiscoveryPlugin
  readonly transport: Plugin.TransportPlugin
  readonly resolver: Plugin.ResolverPlugin
}

/** The keys of gc's own packages. */
const own = {
  discovery: ["static", "dns", "gossip", "epmd"],
  transport: ["tcp", "ws"],
  resolver: ["epmd"]
} as const satisfies Record<Kind, ReadonlyArray<string>>

/** The export of a package that is the plugin. */
const exportOf = (kind: Kind): "plugin" | "resolverPlugin" => (kind === "resolver" ? "resolverPlugin" : "plugin")

/** The package of a key, where the entry names none. */
const packageOf = (kind: Kind, key: string): string => `@gc/${kind === "transport" ? "transport" : "discovery"}-${key}`

interface Missing {
  readonly _tag: "Missing"
  readonly about: string
  readonly install: string | undefined
}

const missing = (kind: Kind, { key, package: given }: NamedPlugin): Missing => {
  const name = given ?? packageOf(kind, key)
  const at = `${kind}.${key}`
  const known: ReadonlyArray<string> = own[kind]
  if (given !== undefined || known.includes(key)) {
    return { _tag: "Missing", about: `${at}: the package ${name} is not installed`, install: name }
  }
  const listed = OptionKeys.unknown({ [key]: true }, known)?.expected ?? ""
  const about = `${at}: the package ${name} is not installed, and none of gc's own has that key: expected ${listed}; the package of somebody else is named by the entry, { "${key}": { "package": "…" } }`
  return { _tag: "Missing", about, install: undefined }
}

interface Broken {
  readonly _tag: "Broken"
  readonly about: string
}

const broken = (about: string): Broken => ({ _tag: "Broken", about })

const absent = new Set(["ERR_MODULE_NOT_FOUND", "ERR_UNSUPPORTED_DIR_IMPORT"])

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException | undefined)?.code)

/** The first place that has the package: the file's, the working directory's, this program's own. */
const locate = (
  name: string,
  places: Places
): Result.Result<string, { readonly absent: boolean; readonly reason: string }> => {
  const folders = isPath(name) ? [places.file] : [places.file, places.working, programFolder]
  for (const folder of folders) {
    try {
      return Result.succeed(resolveFrom(name, folder))
    } catch (error) {
      if (!absent.has(codeOf(error))) return Result.fail({ absent: false, reason: messageOf(error) })
    }
  }
  return Result.fail({ absent: true, reason: "it is not installed" })
}

/** Why an export is no plugin of that kind and key. */
const objectionTo = (value: unknown, kind: Kind, key: string): string | undefined => {
  const wanted = `Plugin.${kind}({ key: "${key}", … })`
  if (typeof value !== "object" || value === null) return `it has no export "${exportOf(kind)}": expected ${wanted}`
  const plugin = value as Partial<PluginOf[Kind]>
  if (plugin.kind !== kind)
    return `its export "${exportOf(kind)}" has the kind ${JSON.stringify(plugin.kind)}: expected ${wanted}`
  if (plugin.key !== key)
    return `its export "${exportOf(kind)}" has the key ${JSON.stringify(plugin.key)}: expected ${wanted}`
  return typeof plugin.layer === "function" && plugin.schema !== undefined
    ? undefined
    : `its export "${exportOf(kind)}" has no schema or no layer: expected ${wanted}`
}

/** Loads a module by its URL; fails with the reason. */
const importModule = (url: string): Effect.Effect<Readonly<Record<string, unknown>>, string> =>
  Effect.tryPromise({
    try: async () => (await import(url)) as Readonly<Record<string, unknown>>,
    catch: messageOf
  })

const load = <K extends Kind>(
  kind: K,
  named: NamedPlugin,
  places: Places
): Effect.Effect<PluginOf[K], Missing | Broken> =>
  Effect.gen(function* () {
    const name = named.package ?? packageOf(kind, named.key)
    const at = `${kind}.${named.key}`
    const found = locate(name, places)
    if (Result.isFailure(found)) {
      return yield* Effect.fail(
        found.failure.absent
          ? missing(kind, named)
          : broken(`${at}: the package ${name} cannot be loaded: ${found.failure.reason}`)
      )
    }
    const module = yield* Effect.mapError(importModule(found.success), (reason) =>
      broken(`${at}: the package ${name} cannot be loaded: ${reason}`)
    )
    const value = module[exportOf(kind)]
    const objection = objectionTo(value, kind, named.key)
    if (objection !== undefined)
      return yield* Effect.fail(broken(`${at}: the package ${name} is no plugin: ${objection}`))
    return value as PluginOf[K]
  })

const failureOf = (problems: ReadonlyArray<Missing | Broken>): CliFailure => {
  const install = problems.flatMap((problem) =>
    problem._tag === "Missing" && problem.install !== undefined ? [problem.install] : []
  )
  const remedy = install.length > 0 ? [`npm install ${[...new Set(install)].join(" ")}`] : []
  return failure("package", [...problems.map(({ about }) => about), ...remedy].join("\n"))
}

/** Plugins of one kind, and what is wrong with the others. */
const loadAll = <K extends Kind>(kind: K, named: ReadonlyArray<NamedPlugin>, places: Places) =>
  Effect.partition(named, (each) => load(kind, each, places), { concurrency: 4 })

/** The plugins that these entries name; fails with everything that is missing or no plugin. */
export const loadNamed = Effect.fnUntraced(function* (
  named: Readonly<Record<Kind, ReadonlyArray<NamedPlugin>>>,
  places: Places
): Effect.fn.Return<Plugin.Plugins, CliFailure> {
  const [discovery, discoveryProblems] = yield* loadAll("discovery", named.discovery, places)
  const [transport, transportProblems] = yield* loadAll("transport", named.transport, places)
  const [resolver, resolverProblems] = yield* loadAll("resolver", named.resolver, places)
  const problems = [...discoveryProblems, ...transportProblems, ...resolverProblems]
  if (problems.length > 0) return yield* failureOf(problems)
  return { discovery, transport, resolver }
})

const entryOf = (name: string): { readonly kind: Kind; readonly key: string } => {
  const [, kind, key = ""] = /^(discovery|transport)-(.*)$/.exec(name) ?? []
  return { kind: kind === "transport" ? "transport" : "discovery", key }
}

/** The plugins of gc's packages that are installed here, and what is wrong with others. A resolver is taken where there is one. */
export const loadInstalled = Effect.fnUntraced(function* (
  places: Places
): Effect.fn.Return<{ readonly plugins: Plugin.Plugins; readonly problems: ReadonlyArray<string> }> {
  const entries = installedIn([places.working, programFolder]).map(entryOf)
  const of = (kind: Kind) => entries.filter((entry) => entry.kind === kind)
  const [discovery, discoveryProblems] = yield* loadAll("discovery", of("discovery"), places)
  const [transport, transportProblems] = yield* loadAll("transport", of("transport"), places)
  const [resolver] = yield* loadAll("resolver", of("discovery"), places)
  const problems = [...discoveryProblems, ...transportProblems].map(({ about }) => about)
  return { plugins: { discovery, transport, resolver }, problems }
})

/** The exports of a package that is known to be there. */
export const importPackage = (
  name: string,
  places: Places
): Effect.Effect<Readonly<Record<string, unknown>>, CliFailure> =>
  Effect.suspend(() => {
    const found = locate(name, places)
    return Result.isFailure(found)
      ? Effect.fail(failure("package", `the package ${name} is not installed\nnpm install ${name}`))
      : Effect.mapError(importModule(found.success), (reason) => failure("package", reason))
  })
