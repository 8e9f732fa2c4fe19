import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import type * as SchemaIssue from "effect/SchemaIssue"
import * as OptionKeys from "../../OptionKeys.ts"
import type { Tree } from "./source.ts"

type Filter = SchemaAST.Filter<unknown>

const filtersOf = (checks: ReadonlyArray<SchemaAST.Check<unknown>>): ReadonlyArray<Filter> =>
  checks.flatMap((check) => (check._tag === "Filter" ? [check] : filtersOf(check.checks)))

/** The settings that are right by themselves, and the names of those of which that is not known. */
const sorted = (ast: SchemaAST.Objects, given: Tree) => {
  const right: Record<string, unknown> = {}
  const doubtful = new Set<PropertyKey>()
  const names = ast.propertySignatures.map(({ name }) => String(name))
  for (const { name, type } of ast.propertySignatures) {
    const key = String(name)
    const field = Schema.Struct({ [key]: Schema.make<Schema.Decoder<unknown>>(type) })
    const decoded = Schema.decodeUnknownResult(field)(Object.hasOwn(given, key) ? { [key]: given[key] } : {})
    if (Result.isSuccess(decoded)) Object.assign(right, decoded.success)
    else doubtful.add(key)
  }
  for (const key of Object.keys(given)) {
    const meant = names.includes(key) ? undefined : OptionKeys.nearest(key, names)
    if (meant !== undefined) doubtful.add(meant)
  }
  return { right, doubtful }
}

/** The settings that are right. Whoever asks for another one, or for all of them, is stopped. */
const guarded = (right: object, doubtful: ReadonlySet<PropertyKey>): object => {
  const ask = (key: PropertyKey): void => {
    if (doubtful.has(key)) throw new Error(`${String(key)} is in doubt`)
  }
  return new Proxy(right, {
    get: (target, key) => (ask(key), Reflect.get(target, key) as unknown),
    has: (target, key) => (ask(key), Reflect.has(target, key)),
    ownKeys: (target) => {
      doubtful.forEach(ask)
      return Reflect.ownKeys(target)
    }
  })
}

/**
 * What the rules about several settings of an object find where others of its settings are wrong: a schema itself looks at
 * them only when all are right. A rule that asks for a wrong setting says nothing.
 */
export const brokenRules = (ast: SchemaAST.AST, given: Tree): ReadonlyArray<SchemaIssue.Issue> => {
  if (ast._tag !== "Objects" || ast.encoding !== undefined || ast.checks === undefined) return []
  const { doubtful, right } = sorted(ast, given)
  const settings = guarded(right, doubtful)
  return filtersOf(ast.checks).flatMap((filter) => {
    try {
      return filter.run(settings, ast, { errors: "all" }) ?? []
    } catch {
      return []
    }
  })
}
