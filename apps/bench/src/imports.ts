/** What it takes to import gc, beside importing the modules of Effect that it stands on. */
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { effectModules, rivals } from "./cluster/modules.ts"
import { atMost, Trials } from "./cluster/trials.ts"
import { ratioOf } from "./report/statistics.ts"
import type { RunSection } from "./section.ts"

const run = promisify(execFile)

const here = fileURLToPath(new URL("..", import.meta.url))

/** What one import may take, in milliseconds. */
const timeout = 30_000

const what = "import, in a fresh process"

/** Milliseconds of an import of all of these, in a process that does nothing else. */
const importing = async (modules: ReadonlyArray<string>, cwd: string, signal: AbortSignal): Promise<number> => {
  const program = `const at = process.hrtime.bigint()
await Promise.all(${JSON.stringify(modules)}.map((module) => import(module)))
process.stdout.write(String(process.hrtime.bigint() - at))`
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program], { cwd, signal, timeout })
  return Number(stdout) / 1_000_000
}

/** Measures the import of `@gc/core`. */
export const imports: RunSection = async ({ progress, published, quick, signal }) => {
  const cwd = published ? rivals : here
  const modules = effectModules(["@gc/core"], cwd)
  const [core, effect] = ["@gc/core", `the ${modules.length} modules of effect that it uses`]
  const trials = new Trials("import")
  const rounds = quick ? 5 : 21
  progress(`import: ${rounds} fresh processes each`)
  // What is on disk is in memory from here on.
  await importing(["@gc/core"], cwd, signal)
  for (let round = 0; round < rounds; round++) {
    trials.add(core, what, "ms", await importing([core], cwd, signal))
    trials.add(effect, what, "ms", await importing(modules, cwd, signal))
  }
  return {
    name: "import",
    measurements: trials.measurements,
    ratios: ratioOf(trials.of(core, what, "ms"), trials.of(effect, what, "ms"), {
      what,
      target: atMost(1.3),
      likeForLike: "yes: both load those modules; gc is its own files on top"
    })
  }
}
