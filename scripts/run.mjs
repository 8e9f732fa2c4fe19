#!/usr/bin/env node
/**
 * Runs a task of this repository: `node scripts/run.mjs <task> [arguments]`.
 *
 * It needs nothing but Node 18 and npm: it installs what the lockfile says and runs the task with the Node and the
 * tools from node_modules. Set GC_OWN_NODE=1 to run with the Node that runs this script.
 */
import { rmSync } from "node:fs"
import { join } from "node:path"
import { ensureInstalled, root, say, taskEnvironment, workspaceFolders } from "./bootstrap.mjs"
import { check } from "./check.mjs"
import { run } from "./spawn.mjs"

const program = (command, ...given) => async (args, env) => {
  const line = [command, ...given, ...args]
  say(`$ ${line.join(" ")}`)
  return (await run(command, [...given, ...args], { cwd: root, env, ownGroup: command === "node" })).code
}

const tasks = {
  test: ["runs the tests", program("vitest", "run")],
  demo: ["runs the demo", program("node", "apps/demo/src/main.ts")],
  check: ["runs every gate, then the tests (--no-tests leaves them out, --list lists the gates)", check],
  build: ["builds the packages to dist", program("turbo", "run", "build", "--concurrency=2")],
  typecheck: ["checks the types of packages, tests and apps", program("tsc", "-b", "--pretty")],
  lint: ["lints everything", program("oxlint")],
  format: ["formats everything", program("oxfmt")],
  api: ["writes the API reports of the packages to etc/api", program("node", "scripts/api-report.mjs")],
  changeset: ["describes a change for the release notes", program("changeset")]
}

/** Tasks that work without an install. */
const bareTasks = {
  setup: ["installs, whatever has been installed", async (args) => {
    await ensureInstalled({ force: true, args: args.length > 0 ? args : undefined })
    return 0
  }],
  clean: ["removes what was built", async () => {
    for (const folder of [".", ...workspaceFolders()]) {
      for (const made of ["dist", ".tsbuild", ".turbo"]) rmSync(join(root, folder, made), { recursive: true, force: true })
    }
    return 0
  }]
}

const main = async ([name, ...args]) => {
  if (name in bareTasks) return bareTasks[name][1](args)
  if (!(name in tasks)) {
    const all = Object.entries({ ...tasks, ...bareTasks })
    say(["Tasks:", ...all.map(([task, [what]]) => `  npm run ${task.padEnd(10)} ${what}`)].join("\n"))
    return name === undefined ? 0 : 1
  }
  await ensureInstalled()
  return tasks[name][1](args, await taskEnvironment())
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  say(`gc: ${error.message}`)
  process.exitCode = 1
}
