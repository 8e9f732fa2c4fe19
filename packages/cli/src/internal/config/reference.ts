import type { ReferenceRow } from "@gc/core/Configuration"
import { paint } from "../output.ts"

/** A key of the file with its variable, and what there is to say of it. */
export const linesOf = (row: ReferenceRow): ReadonlyArray<string> => {
  const unset = row.required ? "Required." : row.default === undefined ? "" : `Default: ${row.default}.`
  return [
    `${paint.bold(row.key)}  ${paint.dim(row.environment)}`,
    ...(row.description === "" ? [] : [`    ${row.description}`]),
    `    Expected ${row.expected}. ${unset}`.trimEnd()
  ]
}
