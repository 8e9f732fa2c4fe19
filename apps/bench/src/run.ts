/**
 * The sections as this process's one task, with its signals and its exit code.
 */
import { constants } from "node:os"
import type { Options } from "./arguments.ts"
import { killAll } from "./harness/child.ts"
import { prepare } from "./prepare.ts"
import { environment } from "./report/environment.ts"
import { isFine } from "./report/tables.ts"
import { reportMarkdown } from "./report/markdown.ts"
import { reportText } from "./report/text.ts"
import type { RunContext, Section } from "./section.ts"
import { sections } from "./sections.ts"
import { growthPlot } from "./svg.ts"
import { writeDocs } from "./writeDocs.ts"

/** The first signal ends what is under way and every child, the second this process at once. */
const onSignals = (abort: AbortController): void => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      const code = 128 + constants.signals[signal]
      if (abort.signal.aborted) process.exit(code)
      process.exitCode = code
      abort.abort()
      killAll()
    })
  }
}

/** Measures what was asked for and prints it; sets the exit code. */
export const run = async (options: Options): Promise<void> => {
  const abort = new AbortController()
  onSignals(abort)
  process.once("exit", killAll)
  const began = performance.now()
  const progress = (line: string) =>
    void process.stderr.write(`${((performance.now() - began) / 1_000).toFixed(0).padStart(4)} s  ${line}\n`)
  const context: RunContext = { ...options, published: true, progress, signal: abort.signal }
  try {
    await prepare(progress, abort.signal)
    const where = environment()
    const done: Array<Section> = []
    let failed = false
    for (const { name, run: measure } of sections.filter(({ name }) => options.only.includes(name))) {
      try {
        done.push(await measure(context))
      } catch (error) {
        abort.signal.throwIfAborted()
        failed = true
        progress(`${name} failed: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    const seconds = Math.round((performance.now() - began) / 1_000)
    const ok = isFine(done) && !failed
    const report = { ok, seconds, quick: options.quick, rounds: options.rounds, environment: where, sections: done }
    process.stdout.write(options.json ? `${JSON.stringify(report, undefined, 2)}\n` : reportText(done, where))
    if (options.writeDocs) {
      const grown = done.find(({ name }) => name === "growth")
      writeDocs(reportMarkdown(done, where, options), grown === undefined ? undefined : growthPlot(grown))
    }
    if (!ok) process.exitCode = 1
  } catch (error) {
    if (!abort.signal.aborted) {
      process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`)
      process.exitCode = 1
    }
  } finally {
    killAll()
  }
}
