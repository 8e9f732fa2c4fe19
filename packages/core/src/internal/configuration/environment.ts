import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import type * as SchemaAST from "effect/SchemaAST"
import { ConfigurationError, FileUnreadable, type Problem } from "../../ConfigurationError.ts"
import * as OptionKeys from "../../OptionKeys.ts"
import type { Plugins } from "../../Plugin.ts"
import { expectedOf, fieldsOf, itemOf, type Kind, kindsOf } from "./ast.ts"
import { placesOf } from "./settings.ts"

/** A variable and the place of the file that it stands for. */
export interface Variable {
  readonly name: string
  readonly path: ReadonlyArray<string>
  readonly ast: SchemaAST.AST
}

/** `multicastTtl` is `MULTICAST_TTL`. */
export const constantCase = (key: string): string =>
  key
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/[^A-Za-z0-9]+/g, "_")
    .toUpperCase()

export const environmentName = (path: ReadonlyArray<string>): string =>
  path.length === 1 && path[0] === "node" ? "GC_NODE_NAME" : `GC_${path.map(constantCase).join("_")}`

const maxDepth = 8

const within = (path: ReadonlyArray<string>, ast: SchemaAST.AST): ReadonlyArray<Variable> => [
  { name: environmentName(path), path, ast },
  ...(path.length < maxDepth ? fieldsOf(ast).flatMap(({ name, type }) => within([...path, name], type)) : [])
]

/** Every variable that these plugins know, whole entries before their parts. */
export const variablesOf = (plugins: Plugins): ReadonlyArray<Variable> =>
  placesOf(plugins).flatMap(({ ast, path }) => within(path, ast))

const asJson = (text: string): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

/** The value that a variable's text stands for. What fits nothing stays a text, for the schema to refuse. */
const valueOf = (ast: SchemaAST.AST, given: string): { readonly value: unknown } | undefined => {
  const kinds = kindsOf(ast)
  const takes = (kind: Kind): boolean => kinds.has(kind)
  const text = given.trim()
  if ((takes("object") && text.startsWith("{")) || (takes("list") && text.startsWith("["))) {
    return asJson(text) ?? (takes("text") ? { value: given } : undefined)
  }
  if (takes("flag") && (text === "true" || text === "false")) return { value: text === "true" }
  if (takes("number") && /^-?\d+(?:\.\d+)?$/.test(text)) return { value: Number(text) }
  const item = itemOf(ast)
  if (item !== undefined && (text.includes(",") || !takes("text")) && kindsOf(item).has("text")) {
    const parts = text.split(",").map((part) => part.trim())
    return { value: parts.filter((part) => part !== "").map((part) => valueOf(item, part)?.value) }
  }
  return { value: given }
}

/** What the environment says: values by the places of the file, and what is wrong with their texts. */
export interface Environment {
  readonly values: ReadonlyArray<{ readonly variable: Variable; readonly value: unknown }>
  readonly problems: ReadonlyArray<Problem>
}

const sourceFailed = (path: string, { message }: ConfigProvider.SourceError): ConfigurationError => {
  const remedy = "see to what its ConfigProvider reads from"
  return new ConfigurationError({ reason: new FileUnreadable({ path, detail: message, remedy }) })
}

/** Asks Effect's `ConfigProvider` for a variable. One that is empty is absent. */
const textOf = (name: string): Effect.Effect<string | undefined, ConfigurationError> =>
  Effect.gen(function* () {
    const provider = yield* ConfigProvider.ConfigProvider
    const node = yield* provider.load([name])
    return node?.value === "" ? undefined : node?.value
  }).pipe(Effect.mapError((error) => sourceFailed(name, error)))

/** Asks for each variable by its name. */
export const readEnvironment = (variables: ReadonlyArray<Variable>): Effect.Effect<Environment, ConfigurationError> =>
  Effect.gen(function* () {
    const values: Array<Environment["values"][number]> = []
    const problems: Array<Problem> = []
    for (const variable of variables) {
      const text = yield* textOf(variable.name)
      if (text === undefined) continue
      const read = valueOf(variable.ast, text)
      if (read !== undefined) values.push({ variable, value: read.value })
      else problems.push({ key: variable.name, value: "no JSON", expected: `${expectedOf(variable.ast)}, as JSON` })
    }
    return { values, problems }
  })

/** The names that begin with `GC_`, where the provider tells. */
export const environmentNames: Effect.Effect<ReadonlyArray<string>, ConfigurationError> = Effect.gen(function* () {
  const provider = yield* ConfigProvider.ConfigProvider
  const found: Array<string> = []
  const visit = Effect.fnUntraced(function* (
    path: ReadonlyArray<string>
  ): Effect.fn.Return<void, ConfigProvider.SourceError> {
    const node = yield* provider.load(path)
    if (node === undefined) return
    if (node.value !== undefined && node.value !== "") found.push(path.join("_"))
    if (path.length < 4 * maxDepth) for (const key of partsOf(node)) yield* visit([...path, key])
  })
  yield* visit(["GC"])
  return found
}).pipe(Effect.mapError((error) => sourceFailed("the environment", error)))

const partsOf = (node: ConfigProvider.Node): ReadonlyArray<string> => {
  if (node._tag === "Record") return [...node.keys]
  return node._tag === "Array" ? Array.from({ length: Math.min(node.length, 100) }, (_, index) => String(index)) : []
}

/** What belongs to other programs: the file's path for gcluster, and what Kubernetes says of a service named gc-discovery. */
const foreign = /^GC_(?:CONFIG$|(?:TRANSPORT_|DISCOVERY_|RESOLVER_)?(?:SERVICE|PORT)(?:_|$))/

export const isForeign = (name: string): boolean => foreign.test(name)

/** `GC_DISCOVERY_`, which says nothing of what is meant behind it. */
const head = /^GC_(?:(?:TRANSPORT|DISCOVERY|RESOLVER)_)?/

/** What Kubernetes says of services whose names begin with gc-node, gc-metadata, … */
const ofService = /_(?:SERVICE|PORT)(?:_|$)/

/** The known variable that a name probably means: one with a letter wrong, a longer one, or the object that it is a part of. */
const meantBy = (name: string, known: ReadonlyArray<string>): string | undefined => {
  const [start = ""] = head.exec(name) ?? []
  const rests = known.filter((each) => each.startsWith(start)).map((each) => each.slice(start.length))
  const near = OptionKeys.nearest(name.slice(start.length), rests)
  if (near !== undefined) return `${start}${near}`
  return ofService.test(name)
    ? undefined
    : known.find((each) => each.startsWith(`${name}_`) || name.startsWith(`${each}_`))
}

/** A name that is probably meant for this node and is none of its variables. */
export interface Stray {
  readonly name: string
  readonly meant: string | undefined
}

export const strayNames = (names: ReadonlyArray<string>, known: ReadonlyArray<string>): ReadonlyArray<Stray> =>
  names.flatMap((name) => {
    if (known.includes(name) || isForeign(name)) return []
    const meant = meantBy(name, known)
    const isOfGroup = /^GC_(?:TRANSPORT|DISCOVERY|RESOLVER)_/.test(name)
    return meant === undefined && !isOfGroup ? [] : { name, meant }
  })

export const warningOf = ({ meant, name }: Stray): string =>
  `the variable ${name} is not used${meant === undefined ? "" : `; did you mean ${meant}?`}`

/** Beside other mistakes: it may be why something is missing. */
export const problemOf = ({ meant, name }: Stray): ReadonlyArray<Problem> =>
  meant === undefined ? [] : [{ key: name, value: "not used", expected: meant }]
