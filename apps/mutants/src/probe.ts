/**
 * Runs the suites of one package in this process, with a mutant of it or without, and prints what came of it as JSON. It is a
 * process of its own, so that one that hangs can be ended.
 */
import type { TestModule } from "vitest/node"
import { startVitest } from "vitest/node"
import { mutants } from "./mutants/index.ts"
import { fileOf, mutated, root } from "./mutate.ts"
import type { Outcome } from "./types.ts"

const [plugin = "", name = "", check] = process.argv.slice(2)
const mutant = mutants.find((each) => each.name === name)
const changed = mutant === undefined ? undefined : { file: fileOf(mutant), text: mutated(mutant) }
let loaded = false

const instead = {
  name: "gc-mutant",
  enforce: "pre" as const,
  load: (id: string) => {
    if (changed === undefined || id.split("?")[0] !== changed.file) return undefined
    loaded = true
    return changed.text
  }
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")

const vitest = await startVitest(
  "test",
  [],
  {
    root: `${root}/packages/${plugin}`,
    config: false,
    include: ["test/**/suite*.test.ts"],
    watch: false,
    pool: "threads",
    // It would hand out what another mutant became.
    fsModuleCache: false,
    // One file after the other: the figures of backpressure and of closing are those of a quiet process.
    maxWorkers: 1,
    reporters: [{}],
    testTimeout: 30_000,
    passWithNoTests: true,
    ...(check === undefined ? {} : { testNamePattern: `${escaped(check)}$` }),
    // What a busy machine breaks once it does not break twice; a mutant has one chance.
    ...(mutant === undefined ? { retry: 1 } : { bail: 1 })
  },
  {
    plugins: [instead],
    // Imported by its own name a package would be loaded by Node itself, and not through the plugin.
    resolve: { alias: [{ find: `@gc/${plugin}`, replacement: `${root}/packages/${plugin}/src/index.ts` }] }
  }
)

/** A test's place in the suite, without the name and the manifest of the plug-in. */
const placeOf = (fullName: string): string => fullName.split(" > ").slice(1).join(" > ")

const outcomeOf = (modules: ReadonlyArray<TestModule>): Outcome => {
  const tests = modules.flatMap((module) => [...module.children.allTests()])
  const withState = (state: string) => tests.filter((test) => test.result().state === state)
  const errors = modules.flatMap((module) => module.errors())
  return {
    passed: withState("passed").length,
    skipped: withState("skipped").length,
    retried: tests.filter((test) => test.diagnostic()?.flaky === true).map((test) => placeOf(test.fullName)),
    failed: withState("failed").map((test) => ({
      check: placeOf(test.fullName),
      error: (test.result().errors?.[0]?.message ?? "").split("\n")[0] ?? ""
    })),
    errors: [...errors, ...vitest.state.getUnhandledErrors()].map((error) =>
      String(typeof error === "object" && error !== null && "message" in error ? error.message : error)
    ),
    loaded
  }
}

const outcome = outcomeOf(vitest.state.getTestModules())
await vitest.close()
process.stdout.write(`\n${JSON.stringify(outcome)}\n`, () => process.exit(0))
