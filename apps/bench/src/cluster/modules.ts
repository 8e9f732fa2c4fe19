/** Which modules of Effect a module of gc stands on. */
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, resolve } from "node:path"
import { fileURLToPath } from "node:url"

/** Where gc lies as it is published, beside its rivals. */
export const rivals = fileURLToPath(new URL("../../rivals/", import.meta.url))

/** Imports and re-exports that remain when the types are gone. */
const statement = /^(?:import|export)\s+(?!type\b)(?:[\w\s,*{}$]+?\sfrom\s+)?["']([^"']+)["']/gm

/**
 * The modules of Effect that these modules import, through gc's own files and no others. What is imported only when it is needed is
 * left out.
 */
export const effectModules = (entries: ReadonlyArray<string>, folder = rivals): ReadonlyArray<string> => {
  const from = createRequire(resolve(folder, "package.json"))
  const waiting = entries.map((entry) => from.resolve(entry))
  const [seen, modules] = [new Set(waiting), new Set<string>()]
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const require = createRequire(file)
    for (const [, specifier = ""] of readFileSync(file, "utf8").matchAll(statement)) {
      if (specifier.startsWith("effect/")) modules.add(specifier)
      if (!specifier.startsWith(".") && !specifier.startsWith("@gc/")) continue
      const next = specifier.startsWith(".") ? resolve(dirname(file), specifier) : require.resolve(specifier)
      if (seen.has(next)) continue
      seen.add(next)
      waiting.push(next)
    }
  }
  return [...modules].sort()
}
