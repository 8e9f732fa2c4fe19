/** What publint, attw and a few rules say of a package as it would be published. */
import { execFileSync } from "node:child_process"
import { root } from "../bootstrap.mjs"
import { entryPoints } from "../sources.mjs"
import { run } from "../spawn.mjs"

const required = ["package.json", "README.md", "LICENSE"]
const ofLibraries = ["dist/index.js", "dist/index.d.ts", "src/index.ts"]
const forbidden = /(^|\/)(test|bench|dtslint|node_modules|\.turbo|\.tsbuild)\/|\.tsbuildinfo$/

export const filesOf = (tarball) =>
  execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((name) => name.replace(/^package\//, ""))

/** All that is wrong with a tarball of the package with that manifest (the one in the repository). */
export const judgeTarball = async ({ label, manifest, tarball, env = process.env }) => {
  const files = filesOf(tarball)
  const isLibrary = entryPoints(manifest).length > 0
  const programs = Object.values(manifest.publishConfig.bin ?? {}).map((path) => path.replace(/^\.\//, ""))
  const problems = [
    ...[...required, ...(isLibrary ? ofLibraries : programs)]
      .filter((name) => !files.includes(name))
      .map((name) => `${label}: the tarball lacks ${name}`),
    ...files.filter((name) => forbidden.test(name)).map((name) => `${label}: the tarball holds ${name}`)
  ]
  for (const [tool, ...args] of [
    ["publint", tarball, "--strict"],
    // A program has no types.
    ...(isLibrary ? [["attw", tarball, "--profile", "esm-only", "--no-emoji"]] : [])
  ]) {
    const { code, output } = await run(tool, args, { cwd: root, env, capture: true })
    if (code !== 0) problems.push(`${label}: ${tool} objects\n${output}`)
  }
  return problems
}
