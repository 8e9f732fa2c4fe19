/**
 * Shows that a stranger can install and use the next release: packs it, publishes it to a registry on loopback, installs
 * from there in fresh projects outside the repository, and runs clusters of what was installed. It sends nothing beyond
 * loopback once its tools are installed.
 *
 *     npm run release:check                      # a report
 *     npm run -s release:check -- --json         # as one JSON object
 *     npm run release:check -- --write-sizes     # writes the bounds of the sizes anew
 *     npm run release:check -- --keep            # leaves the projects where they are, and tells where
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { root, say } from "./bootstrap.mjs"
import { killAll, run } from "./release/bounded.mjs"
import { internalsAreClosed, threeNodes, tryTwice } from "./release/clusters.mjs"
import { compareInstalled, compile, install, installedEntries, writeTypeCheck } from "./release/projects.mjs"
import { startRegistry } from "./release/registry.mjs"
import { seed } from "./release/seeds.mjs"
import { measureSizes, sizeProblems, writeLimits } from "./release/sizes.mjs"
import { copyRepository, packRelease, publishRelease } from "./release/staging.mjs"
import { filesOf, judgeTarball } from "./release/tarball.mjs"
import { ensureTools } from "./release/tools.mjs"
import { reportText } from "./release/text.mjs"
import { packages } from "./sources.mjs"

const options = ["--json", "--keep", "--write-sizes"]
const given = process.argv.slice(2)
const unknown = given.filter((one) => !options.includes(one))
if (unknown.length > 0) {
  say(`There is no option ${unknown.join(", ")}; there are ${options.join(", ")}.`)
  process.exit(2)
}

const minimal = ["effect", "@gc/core", "@gc/discovery-static", "@gc/transport-tcp"]
const program = ["effect", "@gc/cli", "@gc/discovery-epmd", "@gc/transport-tcp"]
/** They are written for vitest, whose types a project without it does not have. */
const needVitest = new Set(["@gc/testkit/suites"])
const limitSeconds = 600

const began = Date.now()
const result = { ok: false, seconds: 0, steps: [], packages: [], sizes: [], projects: [] }

const step = async (what, work) => {
  const started = Date.now()
  say(`── ${what}`)
  result.at = what
  const answer = await work()
  const seconds = (Date.now() - started) / 1000
  result.steps.push({ step: what, seconds })
  say(`── ${what}: ${seconds.toFixed(1)} s`)
  return answer
}

const complain = (problems) => {
  if (problems.length > 0) throw new Error(problems.join("\n"))
}

const check = async (folder) => {
  const env = process.env
  const tools = await step("the tools are installed", () => ensureTools("release", env))
  const compilers = [
    join(tools, "node_modules", "typescript", "bin", "tsc"),
    join(root, "node_modules", "typescript", "bin", "tsc")
  ]
  const staging = join(folder, "repository")
  const release = await step("the packages are built, get their next version and are packed", async () => {
    await run("turbo", ["run", "build", "--concurrency=2"], { cwd: root, env, seconds: 300 })
    await copyRepository(staging, env)
    return packRelease(staging, env)
  })
  const own = new Map(packages().map((one) => [one.manifest.name, one]))
  await step("publint and attw look at the tarballs", async () => {
    const names = release.packed.map(({ name }) => name)
    complain([...own.keys()].filter((name) => !names.includes(name)).map((name) => `${name} was not packed`))
    const versions = new Set(release.packed.map(({ version }) => version))
    complain(versions.size === 1 ? [] : [`the packages have different versions: ${[...versions].join(", ")}`])
    const judged = release.packed.map(({ name, tarball }) =>
      judgeTarball({ label: name, manifest: own.get(name).manifest, tarball, env })
    )
    complain((await Promise.all(judged)).flat())
    result.packages = release.packed.map(({ name, tarball, version }) => ({
      name,
      version,
      bytes: statSync(tarball).size,
      files: filesOf(tarball).length
    }))
    complain(changelogProblems(staging, release))
  })
  const registry = await step("a registry on loopback starts", () =>
    startRegistry({ tools, folder: join(folder, "registry"), env })
  )
  try {
    const foreign = await step("what the packages depend on is put into it", () =>
      seed({ folder: join(folder, "seeds"), env: registry.env })
    )
    await step("changesets publishes the packages", () => publishRelease(staging, registry.env))
    const idOf = (name) =>
      own.has(name)
        ? `${name}@${release.packed.find((one) => one.name === name).version}`
        : foreign.find((id) => id.startsWith(`${name}@`))
    const project = async (name, names, expected) => {
      const at = join(folder, name)
      const installed = await install({ folder: at, names, env: registry.env })
      complain(compareInstalled(installed, [...new Set(expected.map(idOf))]).map((problem) => `${name}: ${problem}`))
      const outcome = { name, asked: names, installed }
      result.projects.push(outcome)
      return { at, outcome }
    }
    const entriesOf = (at, names) => names.flatMap((name) => installedEntries(at, name, (place) => readdirSync(place)))
    const typesOf = async ({ at, outcome }, names) => {
      const entries = entriesOf(at, names).filter((entry) => !needVitest.has(entry))
      writeTypeCheck(at, entries)
      outcome.types = { entries: entries.length, compilers: [] }
      for (const compiler of compilers) outcome.types.compilers.push(await compile(at, compiler, registry.env))
    }

    const first = await step(`a fresh project installs ${minimal.join(", ")}`, () =>
      project("minimal", minimal, minimal)
    )
    const libraries = (names) => names.filter((name) => name.startsWith("@gc/") && name !== "@gc/cli")
    await step("TypeScript 5.9 and 7 compile it, with every entry point", () => typesOf(first, libraries(minimal)))
    await step("three processes of it form a cluster", async () => {
      await internalsAreClosed(first.at, registry.env)
      first.outcome.cluster = await threeNodes(first.at, registry.env)
    })

    const second = await step(`a second project installs ${program.join(", ")}`, () =>
      project("program", program, [...program, "@gc/core"])
    )
    await step("gcluster takes its configuration, and tries twice", async () => {
      const gcluster = join(second.at, "node_modules", ".bin", "gcluster")
      await run(gcluster, ["config", "check"], { cwd: second.at, env: registry.env, seconds: 30 })
      second.outcome.cluster = await tryTwice(second.at, registry.env)
    })

    const third = await step("a third project installs every package", () =>
      project(
        "everything",
        [...own.keys(), "effect"],
        [...own.keys(), ...foreign.map((id) => id.replace(/@[^@]*$/, ""))]
      )
    )
    await step("TypeScript 5.9 and 7 compile all entry points", () => typesOf(third, libraries([...own.keys()])))
    await step("the sizes of the entry points are within their bounds", async () => {
      const entries = entriesOf(third.at, libraries([...own.keys()])).map((entry) => ({ entry, from: entry }))
      entries.push({ entry: "@gc/cli (gcluster)", from: "./node_modules/@gc/cli/dist/bin.js" })
      const external = ["vitest", "@effect/vitest"]
      result.sizes = await measureSizes({ folder: third.at, entries, tools, external })
      if (given.includes("--write-sizes")) writeLimits(result.sizes)
      else complain(sizeProblems(result.sizes))
    })
  } finally {
    await registry.stop()
  }
}

/** Each package has a changelog that tells of the version that it got, and takes it along. */
const changelogProblems = (staging, { changes, packed }) => {
  if (changes.length === 0) return []
  return packed.flatMap(({ name, tarball, version }) => {
    const { folder } = packages().find(({ manifest }) => manifest.name === name)
    const text = readFileSync(join(staging, folder, "CHANGELOG.md"), "utf8")
    return [
      ...(text.includes(`\n## ${version}\n`) ? [] : [`${name}: its changelog does not tell of ${version}`]),
      ...(filesOf(tarball).includes("CHANGELOG.md") ? [] : [`${name}: the tarball lacks CHANGELOG.md`])
    ]
  })
}

const folder = realpathSync(mkdtempSync(join(tmpdir(), "gc-release-")))
mkdirSync(folder, { recursive: true })
const clean = () => {
  killAll()
  if (!given.includes("--keep")) rmSync(folder, { recursive: true, force: true })
}
process.once("exit", clean)
const timer = setTimeout(() => {
  say(`gc: the check is not done after ${limitSeconds} s`)
  process.exit(1)
}, limitSeconds * 1000)

try {
  await check(folder)
  result.ok = true
  delete result.at
} catch (error) {
  result.problem = error.message
  process.exitCode = 1
}
clearTimeout(timer)
result.seconds = (Date.now() - began) / 1000
if (given.includes("--json")) process.stdout.write(`${JSON.stringify(result)}\n`)
else process.stdout.write(reportText(result))
if (given.includes("--keep")) say(`Everything is in ${folder}.`)
