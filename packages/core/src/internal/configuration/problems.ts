import type * as SchemaAST from "effect/SchemaAST"
import type * as SchemaIssue from "effect/SchemaIssue"
import type { Problem } from "../../ConfigurationError.ts"
import * as OptionKeys from "../../OptionKeys.ts"
import { kindOf as kindOfValue, show } from "../optionValues.ts"
import { astAt, expectedOf, fieldsOf, holdsSecret, isSecret, kindsOf } from "./ast.ts"

export type Path = ReadonlyArray<PropertyKey>

/** Names a place for a message: a key of the file, or a variable. */
export type Locate = (path: Path, missing?: boolean) => string

/** Everything wrong that was found so far. */
export interface Findings {
  readonly locate: Locate
  readonly problems: Array<Problem>
}

/** What a value is, never what it says. */
export const kindOf = (value: unknown): string =>
  value === undefined ? "missing" : typeof value === "string" && value !== "" ? "a text" : kindOfValue(value)

/** The most that are told at once: a wrong file may have a thousand of them. */
export const mostTold = 100

const withoutCookie = (text: string): string => text.replace(/hex:\s*[0-9a-f]{8,}/gi, "hex:…")

/** As they are told. A cookie may stand where a name or a path belongs, or be a key itself. */
export const told = (problems: ReadonlyArray<Problem>): ReadonlyArray<Problem> => {
  const first = problems.slice(0, mostTold).map(({ expected, key, value }) => ({
    key: withoutCookie(key),
    value: withoutCookie(value),
    expected: withoutCookie(expected)
  }))
  const rest = { key: "the rest", value: "not told", expected: `these ${mostTold} to be mended first` }
  return problems.length > mostTold ? [...first, rest] : first
}

const scalars = ["text", "number", "flag"] as const

/** A cookie that got under another key. */
const isMisplaced = (value: unknown): boolean => typeof value === "string" && /^\s*hex:/i.test(value)

/** The value for a message: whole only where a plain value belongs, and no secret may stand. */
const shown = (ast: SchemaAST.AST | undefined, value: unknown): string => {
  if (typeof value === "object" && value !== null) return kindOf(value)
  if (value === undefined || ast === undefined || holdsSecret(ast) || isMisplaced(value)) return kindOf(value)
  const kinds = kindsOf(ast)
  return scalars.some((kind) => kinds.has(kind)) || typeof value !== "string" ? show(value) : kindOf(value)
}

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined),
    value
  )

const messageOf = (issue: SchemaIssue.Issue): string | undefined => {
  const { annotations } = issue as { readonly annotations?: { readonly message?: unknown } }
  return typeof annotations?.message === "string" ? annotations.message : undefined
}

/** `why` completes what is expected, or says all of it when it begins with "expected ". */
const expectation = (expected: string, why: string | undefined): string => {
  if (why === undefined || why === "") return expected
  return why.startsWith("expected ") ? why.slice("expected ".length) : `${expected} (${why})`
}

/** Turns what a schema found wrong into problems, at most one for each place. */
export const problemsOf = (
  issue: SchemaIssue.Issue,
  from: {
    readonly ast: SchemaAST.AST
    readonly value: unknown
    /** Stands before each path of the issue. */
    readonly prefix: Path
    readonly locate: Locate
    /** Keys beside those of the schema, for suggestions. */
    readonly alsoKnown?: ReadonlyArray<string>
  }
): ReadonlyArray<Problem> => {
  const wrong = (path: Path, why?: string): Problem => {
    const ast = astAt(from.ast, path)
    const value = valueAt(from.value, path)
    const key = from.locate([...from.prefix, ...path], value === undefined)
    if (ast === undefined) return { key, value: kindOf(value), expected: why ?? "no such key" }
    // What a check says of a secret may repeat it.
    const reason = isSecret(ast) ? undefined : why
    return { key, value: shown(ast, value), expected: expectation(expectedOf(ast), reason) }
  }
  const unknown = (path: Path): Problem => {
    const above = path.slice(0, -1)
    const ast = astAt(from.ast, above)
    const known = ast === undefined ? [] : fieldsOf(ast).map(({ name }) => name)
    if (above.length === 0) known.push(...(from.alsoKnown ?? []))
    return unknownKey([...from.prefix, ...path], known, from.locate)
  }
  const visit = (at: SchemaIssue.Issue, path: Path): ReadonlyArray<Problem> => {
    switch (at._tag) {
      case "Pointer":
        return visit(at.issue, [...path, ...at.path])
      case "Encoding":
        return visit(at.issue, path)
      case "Composite":
        return at.issues.slice(0, mostTold + 1).flatMap((each) => visit(each, path))
      case "Filter":
        return visit(at.issue, path)
      case "AnyOf": {
        const below = at.issues.length === 1 ? at.issues.flatMap((each) => visit(each, path)) : []
        return below.length > 0 ? below : [wrong(path)]
      }
      case "UnexpectedKey":
        return [unknown(path)]
      default:
        return [wrong(path, messageOf(at))]
    }
  }
  const found = new Map<string, Problem>()
  for (const problem of visit(issue, [])) if (!found.has(problem.key)) found.set(problem.key, problem)
  return [...found.values()]
}

/** The problem of a key that nobody knows, with the nearest known one. */
export const unknownKey = (path: Path, known: ReadonlyArray<string>, locate: Locate): Problem => {
  const prefix = path.length > 1 ? `${locate(path.slice(0, -1))}.` : ""
  const unknown = OptionKeys.unknown({ [String(path.at(-1))]: true }, known, prefix)
  const expected = known.length === 0 ? "no key here" : (unknown?.expected ?? "another key")
  return { key: locate(path).slice(0, 200), value: "no setting", expected }
}
