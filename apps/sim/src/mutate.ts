import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import type { Mutant } from "./mutants.ts"
import type { Protocol } from "./types.ts"

/** A copy of the protocol with one fault in it. The protocol itself knows nothing of this. */
export interface Mutated {
  /** The module to import. */
  readonly module: string
  readonly dispose: () => void
}

/** Writes the mutant's copy into a temporary folder. Throws when the text that it replaces is not there, or there twice. */
export const mutate = (mutant: Mutant): Mutated => {
  const folder = mkdtempSync(join(tmpdir(), "gc-mutant-"))
  const source = fileURLToPath(import.meta.resolve("@gc/core/protocol")).replace(/index\.[jt]s$/, "")
  cpSync(source, folder, { recursive: true })
  for (const { file, find, replace } of mutant.changes) {
    const path = join(folder, file)
    const text = readFileSync(path, "utf8")
    const places = text.split(find).length - 1
    if (places !== 1) throw new Error(`mutant ${mutant.name}: ${file} has the text to replace ${places} times: ${find}`)
    writeFileSync(
      path,
      text.replace(find, () => replace)
    )
  }
  return {
    module: pathToFileURL(join(folder, "index.ts")).href,
    dispose: () => rmSync(folder, { recursive: true, force: true })
  }
}

/** The protocol at a module's address, or the real one. */
export const loadProtocol = async (module: string | undefined): Promise<Protocol> =>
  (await import(/* @vite-ignore */ module ?? "@gc/core/protocol")) as Protocol
