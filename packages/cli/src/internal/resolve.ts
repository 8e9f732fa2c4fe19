/**
 * Finds packages as a module in another folder would find them.
 */
import { readdirSync } from "node:fs"
import { registerHooks } from "node:module"
import { dirname, isAbsolute, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

/** The folder of this program. */
export const programFolder = dirname(fileURLToPath(import.meta.url))

/** Whether what is named is a file and no package. */
export const isPath = (name: string): boolean => /^\.\.?\//.test(name) || isAbsolute(name)

const marker = "gcluster:wanted"

/**
 * The URL of what `import(name)` would load in that folder. Throws as Node does, with its codes.
 *
 * `createRequire` would not do: it refuses packages that export nothing for `require`. A hook asks Node's own algorithm.
 */
export const resolveFrom = (name: string, folder: string): string => {
  const parentURL = pathToFileURL(join(folder, "-")).href
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === marker
        ? next(isAbsolute(name) ? pathToFileURL(name).href : name, { ...context, parentURL })
        : next(specifier, context)
  })
  try {
    return import.meta.resolve(marker)
  } finally {
    hooks.deregister()
  }
}

/**
 * Plugins share this program's effect and core, wherever they are installed: values of two copies do not mix, and a program
 * that is installed for all projects meets plugins beside a project's own copies.
 */
registerHooks({
  resolve: (specifier, context, next) =>
    /^(effect|@gc\/core)(\/|$)/.test(specifier)
      ? next(specifier, { ...context, parentURL: import.meta.url })
      : next(specifier, context)
})

const namesIn = (folder: string): ReadonlyArray<string> => {
  try {
    return readdirSync(join(folder, "node_modules", "@gc"))
  } catch {
    return []
  }
}

const above = (folder: string): ReadonlyArray<string> => {
  const parent = dirname(folder)
  return parent === folder ? [folder] : [folder, ...above(parent)]
}

/** The discovery and transport packages of gc that are installed where a module in one of these folders finds them. */
export const installedIn = (folders: ReadonlyArray<string>): ReadonlyArray<string> => {
  const names = folders.flatMap(above).flatMap(namesIn)
  return [...new Set(names.filter((name) => /^(discovery|transport)-./.test(name)))].toSorted()
}
