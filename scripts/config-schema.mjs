/**
 * Writes the JSON Schema of the configuration file, with what all our packages take, to packages/cli/schema: for editors.
 * `--check` compares instead.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { root } from "./bootstrap.mjs"
import { report } from "./sources.mjs"
import { run } from "./spawn.mjs"

const target = "packages/cli/schema/gc.schema.json"
const path = join(root, target)

const { GC_CONFIG: _, ...env } = process.env
const { code, output } = await run(process.execPath, ["src/bin.ts", "config", "schema"], {
  cwd: join(root, "packages/cli"),
  env,
  capture: true
})
if (code !== 0) throw new Error(`gcluster config schema failed (${code})\n${output}`)
// With a warning in it, it is none.
JSON.parse(output)

const stored = existsSync(path) ? readFileSync(path, "utf8") : ""
const differs = stored !== output
if (differs && !process.argv.includes("--check")) {
  writeFileSync(path, output)
  process.stderr.write(`wrote ${target}\n`)
} else {
  report(differs ? [`${target} differs from the sources: run "npm run schema"`] : [], "The JSON Schema is up to date.")
}
