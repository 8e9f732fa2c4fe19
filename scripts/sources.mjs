import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { root, workspaceFolders } from "./bootstrap.mjs"

const isSource = (name) => /\.(ts|mts|mjs)$/.test(name)

/** The source files below a folder, as paths from the root of the repository. */
export const sourceFiles = (folder) => {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : sourceFiles(path)
    return isSource(entry.name) ? [path] : []
  })
}

export const readManifest = (folder) => JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"))

/** The published packages: folder and manifest. */
export const packages = () =>
  workspaceFolders(["packages"])
    .map((folder) => ({ folder, manifest: readManifest(folder) }))
    .filter(({ manifest }) => manifest.private !== true)

/** What others can import from a package as published: entry and target. A program has none. */
export const entryPoints = (manifest) =>
  Object.entries(manifest.publishConfig.exports).filter(
    ([, target]) => typeof target === "string" && target.endsWith(".js")
  )

const importForms = [
  /^(?:import|export)\b[^"';]*?\bfrom\s+"([^"]+)"/gm,
  /^import\s+"([^"]+)"/gm,
  /^(?!\s*(?:\*|\/\/)).*?\bimport\(\s*"([^"]+)"/gm
]

/** What a formatted source file imports; examples in comments do not count. */
export const importsOf = (text) => [
  ...new Set(importForms.flatMap((form) => [...text.matchAll(form)].map(([, specifier]) => specifier)))
]

/** Prints what was found and sets the exit code; a check without findings says what it looked at. */
export const report = (problems, ok) => {
  for (const problem of problems) process.stderr.write(`  ${problem}\n`)
  if (problems.length === 0) process.stderr.write(`${ok}\n`)
  else process.exitCode = 1
}
