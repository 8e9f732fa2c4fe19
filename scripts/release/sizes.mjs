/** What each entry point weighs in a bundle, effect and Node aside: minified, then compressed with brotli. */
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { brotliCompressSync } from "node:zlib"
import { root } from "../bootstrap.mjs"

const limitsFile = join(root, "tools", "release", "sizes.json")

/** Room for a change; whatever needs more raises the bound on purpose. */
const roomFor = (bytes) => Math.ceil((bytes * 1.1) / 256) * 256

/** Answers `{ entry, bytes, limit }` of each; `limit` is missing where tools/release/sizes.json has none. */
export const measureSizes = async ({ folder, entries, tools, external }) => {
  const { build } = createRequire(join(tools, "package.json"))("esbuild")
  const limits = existsSync(limitsFile) ? JSON.parse(readFileSync(limitsFile, "utf8")) : {}
  const measured = []
  for (const { entry, from } of entries) {
    const { outputFiles } = await build({
      stdin: { contents: `export * from ${JSON.stringify(from)}`, resolveDir: folder },
      bundle: true,
      minify: true,
      format: "esm",
      platform: "node",
      target: "node22",
      write: false,
      logLevel: "silent",
      external: ["effect", ...external]
    })
    measured.push({ entry, bytes: brotliCompressSync(outputFiles[0].contents).length, limit: limits[entry] })
  }
  return measured
}

export const sizeProblems = (sizes) => {
  const known = Object.keys(existsSync(limitsFile) ? JSON.parse(readFileSync(limitsFile, "utf8")) : {})
  const again = `"npm run release:check -- --write-sizes" writes the bounds anew`
  return [
    ...sizes
      .filter(({ limit }) => limit === undefined)
      .map(({ bytes, entry }) => `${entry} has ${bytes} bytes and no bound in tools/release/sizes.json; ${again}`),
    ...sizes
      .filter(({ bytes, limit }) => bytes > limit)
      .map(({ bytes, entry, limit }) => `${entry} has ${bytes} bytes, more than ${limit}; ${again}`),
    ...known
      .filter((entry) => !sizes.some((one) => one.entry === entry))
      .map((entry) => `tools/release/sizes.json has a bound for ${entry}, which no package offers`)
  ]
}

export const writeLimits = (sizes) => {
  const limits = Object.fromEntries(sizes.map(({ bytes, entry }) => [entry, roomFor(bytes)]))
  writeFileSync(limitsFile, `${JSON.stringify(limits, undefined, 2)}\n`)
}
