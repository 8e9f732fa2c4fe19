/**
 * Writes what each package promises to etc/api: the emitted declarations that are reachable from its entry points,
 * without comments, in one file. `--check` compares instead. Run it after a build.
 *
 * core's entry `./protocol` is not part of the promise.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { basename, dirname, join, posix } from "node:path"
import { root } from "./bootstrap.mjs"
import { entryPoints, importsOf, packages, report } from "./sources.mjs"

const check = process.argv.includes("--check")
const unstableEntries = new Set(["./protocol"])

const withoutComments = (text) =>
  text
    .replace(/("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, "$1")
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "")
    .join("\n")

/** The declaration files of the entry points; a pattern stands for every module directly in its folder. */
const entryFiles = (folder, manifest) =>
  entryPoints(manifest).flatMap(([entry, target]) => {
    if (unstableEntries.has(entry)) return []
    if (!target.includes("*")) return [target.replace(/\.js$/, ".d.ts")]
    const directory = posix.dirname(target)
    return readdirSync(join(root, folder, directory))
      .filter((name) => name.endsWith(".d.ts"))
      .map((name) => `./${posix.join(directory, name)}`)
  })

const reportOf = ({ folder, manifest }) => {
  const texts = new Map()
  const visit = (file) => {
    const path = posix.normalize(file)
    if (texts.has(path)) return
    const text = readFileSync(join(root, folder, path), "utf8")
    texts.set(path, withoutComments(text))
    for (const specifier of importsOf(text).concat(typeImports(text))) {
      if (specifier.startsWith(".")) {
        visit(posix.join(posix.dirname(path), specifier.replace(/\.(ts|js)$/, ".d.ts")))
      }
    }
  }
  for (const file of entryFiles(folder, manifest)) visit(file)
  const sections = [...texts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, text]) => {
      const name = path.replace(/^dist\//, "").replace(/\.d\.ts$/, "")
      return `// ---- ${manifest.name}: ${name}\n${text}\n`
    })
  return `// The API of ${manifest.name}. Made by "npm run api"; a change of it needs a changeset.\n\n${sections.join("\n")}`
}

/** Types that the compiler wrote as import("./x.ts").X */
const typeImports = (text) => [...text.matchAll(/\bimport\("(\.[^"]+)"\)/g)].map(([, specifier]) => specifier)

const libraries = packages().filter(({ manifest }) => entryPoints(manifest).length > 0)

const outcomes = libraries.map((one) => {
  const target = `etc/api/${basename(one.folder)}.api.ts`
  if (!existsSync(join(root, one.folder, "dist"))) throw new Error(`${one.folder} is not built: run "npm run build"`)
  const made = reportOf(one)
  const path = join(root, target)
  const stored = existsSync(path) ? readFileSync(path, "utf8") : ""
  if (stored === made) return []
  if (check) return [`${target} differs from the build: look at it with "npm run api" and "git diff ${target}"`]
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, made)
  process.stderr.write(`wrote ${target}\n`)
  return []
})

report(outcomes.flat(), `${outcomes.length} API reports are up to date.`)
