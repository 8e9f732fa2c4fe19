import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Mutant } from "./mutants/types.ts"

/** The root of the repository. */
export const root: string = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "")

/** The file of a plug-in that a mutant changes. */
export const fileOf = ({ file }: Mutant): string => join(root, "packages", file)

/** A text with the mutant's line in it. Throws when the text that it replaces is not there, or there twice. */
export const applied = ({ file, find, name, replace }: Mutant, text: string): string => {
  const places = text.split(find).length - 1
  if (places !== 1) throw new Error(`mutant ${name}: ${file} has the text to replace ${places} times: ${find}`)
  return text.replace(find, () => replace)
}

/** The mutant's source. The file itself stays as it is. */
export const mutated = (mutant: Mutant): string => applied(mutant, readFileSync(fileOf(mutant), "utf8"))
