import type { ReferenceRow } from "../../Configuration.ts"
import type { Plugins } from "../../Plugin.ts"
import { defaultOf, descriptionOf, expectedOf, isOptional } from "./ast.ts"
import { variablesOf } from "./environment.ts"

const textOf = (value: unknown): string | undefined =>
  value === undefined || typeof value === "string" ? value : JSON.stringify(value)

/** Every setting by its key in the file and its variable. */
export const referenceOf = (plugins: Plugins): ReadonlyArray<ReferenceRow> =>
  variablesOf(plugins).map(({ ast, name, path }) => ({
    key: path.join("."),
    environment: name,
    expected: expectedOf(ast),
    default: textOf(defaultOf(ast)),
    description: descriptionOf(ast),
    required: !isEntry(path) && !isOptional(ast)
  }))

const isEntry = (path: ReadonlyArray<string>): boolean =>
  path.length === 2 && ["transport", "discovery", "resolver"].includes(path[0] ?? "")
