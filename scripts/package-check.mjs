/** Packs each package as it would be published and lets publint, attw and a few rules judge the tarball. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { root } from "./bootstrap.mjs"
import { entryPoints, packages, report } from "./sources.mjs"
import { run } from "./spawn.mjs"

const required = ["package.json", "README.md", "LICENSE"]
const ofLibraries = ["dist/index.js", "dist/index.d.ts", "src/index.ts"]
const forbidden = /(^|\/)(test|bench|dtslint|node_modules|\.turbo|\.tsbuild)\/|\.tsbuildinfo$/

const judge = async ({ folder, manifest }, destination) => {
  const own = join(destination, basename(folder))
  const cwd = join(root, folder)
  const packed = await run("pnpm", ["pack", "--pack-destination", own], { cwd, env: process.env, capture: true })
  if (packed.code !== 0) return [`${folder}: pnpm pack failed\n${packed.output}`]
  const tarball = join(own, `${manifest.name.replace("@", "").replace("/", "-")}-${manifest.version}.tgz`)

  const files = execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((name) => name.replace(/^package\//, ""))
  const isLibrary = entryPoints(manifest).length > 0
  const programs = Object.values(manifest.publishConfig.bin ?? {}).map((path) => path.replace(/^\.\//, ""))
  const problems = [
    ...[...required, ...(isLibrary ? ofLibraries : programs)]
      .filter((name) => !files.includes(name))
      .map((name) => `${folder}: the tarball lacks ${name}`),
    ...files.filter((name) => forbidden.test(name)).map((name) => `${folder}: the tarball holds ${name}`)
  ]
  for (const [tool, ...args] of [
    ["publint", tarball, "--strict"],
    // A program has no types.
    ...(isLibrary ? [["attw", tarball, "--profile", "esm-only", "--no-emoji"]] : [])
  ]) {
    const { code, output } = await run(tool, args, { cwd: root, env: process.env, capture: true })
    if (code !== 0) problems.push(`${folder}: ${tool} objects\n${output}`)
  }
  return problems
}

const destination = mkdtempSync(join(tmpdir(), "gc-pack-"))
try {
  const all = packages()
  const problems = (await Promise.all(all.map((one) => judge(one, destination)))).flat()
  report(problems, `${all.length} tarballs are fit to publish.`)
} finally {
  rmSync(destination, { recursive: true, force: true })
}
