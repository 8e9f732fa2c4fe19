#!/usr/bin/env node
/**
 * Runs a task of this repository: `node scripts/run.mjs <task> [arguments]`.
 *
 * It needs nothing but Node 20 and npm: it installs what the lockfile says and runs the task with the Node and the
 * tools from node_modules. Set GC_OWN_NODE=1 to run with the Node that runs this script.
 */
import { rmSync } from "node:fs"
import { join } from "node:path"
import { ensureInstalled, root, say, taskEnvironment, workspaceFolders } from "./bootstrap.mjs"
import { check } from "./check.mjs"
import { describeMissing, missingPrograms, pathWithServers } from "./interop.mjs"
import { run } from "./spawn.mjs"

const program =
  (command, ...given) =>
  async (args, env, options) => {
    const line = [command, ...given, ...args]
    say(`$ ${line.join(" ")}`)
    const { code } = await run(command, [...given, ...args], { cwd: root, env, ...options })
    return code
  }

const build = program("turbo", "run", "build", "--concurrency=2")
/** Ctrl-C reaches an app from here and from nowhere else: a second one would kill it before it has ended its processes. */
const app = (folder) => (args, env) => program("node", `apps/${folder}/src/main.ts`)(args, env, { ownGroup: true })

/** It reads the terminal, so it stays in its foreground group; it takes the Ctrl-C that comes twice for one. */
const gcluster = program("node", "packages/cli/src/bin.ts")

/** The quick tests, the long ones, or those of all whose path is named. */
const tests = (which) => (args, env) => {
  const named = args.some((arg) => !arg.startsWith("-"))
  return program("vitest", "run")(args, named ? env : { ...env, GC_TESTS: which })
}

const inTurn = (first, second) => async (args, env) => (await first([], env)) || second(args, env)

const tasks = {
  test: { what: "runs the quick tests, or all whose path is named (npm test -- core)", run: tests("quick") },
  "test:long": { what: "runs the other tests: minutes of real processes, waits and many cases", run: tests("long") },
  demo: { what: "runs the demo", run: app("demo") },
  gcluster: { what: "runs the program gcluster (npm run gcluster -- try)", run: gcluster },
  sim: { what: "simulates the protocol (--short, --long, --mutants; --help)", run: app("sim") },
  processes: { what: "measures what a cluster of real processes sees of real faults", run: app("processes") },
  bench: { what: "measures gc beside what people would pick instead (--quick; --help)", run: app("bench") },
  mutants: { what: "changes one line of each plug-in at a time, and sees the suites notice", run: app("mutants") },
  check: { what: "runs every gate, or those named (--list shows them, --no-tests leaves the tests out)", run: check },
  build: { what: "builds the packages to dist", run: build },
  typecheck: { what: "checks the types of packages, tests and apps", run: program("tsc", "-b") },
  lint: { what: "lints everything", run: program("oxlint") },
  format: { what: "formats everything", run: program("oxfmt") },
  api: {
    what: "builds and writes the API reports to etc/api",
    run: inTurn(build, program("node", "scripts/api-report.mjs"))
  },
  schema: {
    what: "writes the JSON Schema of the configuration file to packages/cli/schema",
    run: program("node", "scripts/config-schema.mjs")
  },
  "docs:api": {
    what: "writes the API reference to docs/api, as HTML",
    run: program("node", "scripts/docs-api.mjs")
  },
  changeset: { what: "describes a change for the release notes", run: program("changeset") },
  "release:check": {
    what: "packs and publishes to a registry on loopback, and uses what strangers would install",
    run: program("node", "scripts/release-check.mjs")
  },
  release: { what: "builds and publishes what has a new version", run: inTurn(build, program("changeset", "publish")) }
}

const interopTests = program("vitest", "run", "--config", "vitest.interop.config.ts")

/** With a program missing it fails before the first test: a test that is skipped looks like one that passed. */
const interop = async (args) => {
  const path = pathWithServers(process.env.PATH)
  const missing = missingPrograms(path)
  if (missing.length > 0) throw new Error(describeMissing(missing))
  await ensureInstalled()
  const env = await taskEnvironment()
  return interopTests(args, { ...env, PATH: pathWithServers(env.PATH) })
}

/** Tasks that begin without an install. */
const bareTasks = {
  "test:interop": { what: "runs the tests against programs of others, which Debian has", run: interop },
  setup: {
    what: "installs, whatever has been installed",
    run: async (args) => {
      await ensureInstalled({ force: true, args: args.length > 0 ? args : undefined })
      return 0
    }
  },
  clean: {
    what: "removes what was built",
    run: async () => {
      for (const folder of [".", ...workspaceFolders()]) {
        for (const made of ["dist", ".tsbuild", ".turbo"]) {
          rmSync(join(root, folder, made), { recursive: true, force: true })
        }
      }
      return 0
    }
  }
}

const main = async ([name, ...args]) => {
  if (name in bareTasks) return bareTasks[name].run(args)
  if (!(name in tasks)) {
    const all = Object.entries({ ...tasks, ...bareTasks })
    say(["Tasks:", ...all.map(([task, { what }]) => `  npm run ${task.padEnd(13)} ${what}`)].join("\n"))
    return name === undefined ? 0 : 1
  }
  await ensureInstalled()
  return tasks[name].run(args, await taskEnvironment())
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  say(`gc: ${error.message}`)
  process.exitCode = 1
}
