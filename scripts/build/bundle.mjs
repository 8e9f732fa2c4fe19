/**
 * Writes the JavaScript of a package's dist, in whose folder it runs: a file for each entry point, and what several of them share in
 * chunks below dist/internal. Each file of an import costs about as much as what is in it: a hundred of them took longer than all
 * that they do. The declarations come from the compiler.
 */
import { readdirSync, readFileSync, rmSync } from "node:fs"
import { basename, dirname, isAbsolute, join, posix, resolve } from "node:path"
import { rolldown } from "rolldown"
import { entryPoints } from "../sources.mjs"
import { markPure } from "./pure.mjs"

const manifest = JSON.parse(readFileSync("package.json", "utf8"))

/** The modules of an entry's target, as paths below src without an extension; a pattern stands for all in its folder. */
const modulesOf = (target) => {
  const path = posix.relative("dist", target.replace(/\.js$/, ""))
  if (!path.includes("*")) return [path]
  return readdirSync(join("src", dirname(path)))
    .filter((name) => name.endsWith(".ts"))
    .map((name) => posix.join(dirname(path), basename(name, ".ts")))
}

const targets = entryPoints(manifest).map(([, target]) => target)
const entries = new Map(targets.flatMap(modulesOf).map((name) => [resolve("src", `${name}.ts`), name]))

/** An entry point that hands out others, as the barrel does, refers to their files: whoever bundles it can leave some of them out. */
const entriesStay = {
  name: "entries-stay",
  resolveId: (specifier, importer) => {
    if (importer === undefined || !entries.has(importer) || !specifier.startsWith(".")) return
    if (entries.get(importer) !== "index" || !entries.has(resolve(dirname(importer), specifier))) return
    return { id: specifier.replace(/\.ts$/, ".js"), external: true }
  }
}

const bundle = await rolldown({
  input: Object.fromEntries([...entries].map(([file, name]) => [name, file])),
  external: (specifier) => !specifier.startsWith(".") && !isAbsolute(specifier),
  platform: "node",
  preserveEntrySignatures: "strict",
  transform: { target: "es2023" },
  experimental: { nativeMagicString: true },
  plugins: [entriesStay, markPure],
  onLog: (level, log) => {
    if (level !== "debug" && level !== "info") throw new Error(log.message)
  }
})
const old = readdirSync("dist", { recursive: true }).filter((name) => /\.js(\.map)?$/.test(name))
for (const name of old) rmSync(join("dist", name))
await bundle.write({
  dir: "dist",
  format: "esm",
  entryFileNames: "[name].js",
  chunkFileNames: "internal/[name].js",
  minifyInternalExports: false,
  comments: { jsdoc: false },
  sourcemap: true,
  // They are published beside it.
  sourcemapExcludeSources: true
})
await bundle.close()
