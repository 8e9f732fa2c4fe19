import * as Effect from "effect/Effect"
import { ConfigurationError, FileMalformed, FileUnreadable, type Problem } from "../../ConfigurationError.ts"
import { absolute, directoryOf, readBounded } from "../files.ts"
import type { Environment, Variable } from "./environment.ts"
import { readJsonc } from "./jsonc.ts"
import type { Path } from "./problems.ts"

/** An object of the file. Its keys are the file's, whatever they are. */
export type Tree = Readonly<Record<string, unknown>>

/** What a file says. */
export interface Source {
  /** The absolute path, or `"the environment"`. */
  readonly name: string
  readonly tree: Tree
  readonly problems: ReadonlyArray<Problem>
  /** Where relative paths begin; `undefined` is the working directory. */
  readonly directory: string | undefined
  readonly mode: number | undefined
  /** Why the tree is empty, if it is. */
  readonly empty: string
}

const nothing: Tree = Object.create(null)

const theEnvironment: Source = {
  name: "the environment",
  tree: nothing,
  problems: [],
  directory: undefined,
  mode: undefined,
  empty: "no file is named"
}

const decodeText = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

export const isTree = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Reads the file; an absent one is a source that says nothing. */
export const readSource = (given: string | undefined): Effect.Effect<Source, ConfigurationError> =>
  Effect.suspend(() => {
    if (given === undefined) return Effect.succeed(theEnvironment)
    const path = absolute(given)
    const fail = (detail: string, remedy: string) =>
      Effect.fail(new ConfigurationError({ reason: new FileUnreadable({ path, detail, remedy }) }))
    const malformed = (line: number, column: number, detail: string) =>
      Effect.fail(new ConfigurationError({ reason: new FileMalformed({ path, line, column, detail }) }))
    const from = { ...theEnvironment, name: path, directory: directoryOf(path) }
    const file = readBounded(path)
    if (file._tag === "Missing") return Effect.succeed({ ...theEnvironment, empty: `${path} does not exist` })
    if (file._tag === "Failed") return fail(file.detail, "name a file of at most 1 MiB that this process can read")
    const text = decodeText(file.bytes)
    if (text === undefined) return fail("it is not UTF-8", "save it as UTF-8")
    const read = readJsonc(text)
    if (read._tag === "Malformed") return malformed(read.place.line, read.place.column, read.detail)
    if (read._tag === "Empty") return Effect.succeed({ ...from, empty: `${path} says nothing` })
    if (!isTree(read.value)) return malformed(1, 1, "the file is one object, { … }, with the keys of a configuration")
    const problems = read.twice.map(({ path: at, place }) => ({
      key: at.join(".").slice(0, 200),
      value: `there twice (again in line ${place.line})`,
      expected: "each key once in an object"
    }))
    return Effect.succeed({ ...from, tree: read.value, problems, mode: file.mode, empty: `${path} has no keys` })
  })

const put = (tree: unknown, [key, ...rest]: ReadonlyArray<string>, value: unknown): unknown => {
  if (key === undefined) return value
  const copy: Record<string, unknown> = Object.assign(Object.create(null), isTree(tree) ? tree : undefined)
  copy[key] = put(copy[key], rest, value)
  return copy
}

/** One or the other: what the environment says of one takes the other out of the file. */
export const rivals: ReadonlyArray<readonly [string, string]> = [
  ["cookie", "cookieFile"],
  ["refreshInterval", "refresh_interval_ms"]
]

/** The file with the environment over it, and where each value comes from. */
export const overlay = (
  tree: Tree,
  environment: Environment
): { readonly tree: Tree; readonly variableAt: (path: Path) => string | undefined } => {
  const origins = new Map<string, Variable>()
  let result: unknown = tree
  for (const { value, variable } of environment.values) {
    result = put(result, variable.path, value)
    origins.set(variable.path.join("."), variable)
  }
  const merged: Record<string, unknown> = Object.assign(Object.create(null), result)
  for (const pair of rivals) {
    for (const [one, other] of [pair, pair.toReversed() as unknown as readonly [string, string]]) {
      if (origins.has(one) && !origins.has(other)) delete merged[other]
    }
  }
  return {
    tree: merged,
    variableAt: (path) => {
      for (let length = path.length; length > 0; length--) {
        const found = origins.get(path.slice(0, length).map(String).join("."))
        if (found !== undefined) return [found.name, ...path.slice(length).map(String)].join(".")
      }
      return undefined
    }
  }
}
