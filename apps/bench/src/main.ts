/**
 * The program: `node apps/bench/src/main.ts [--quick] [--only SECTION] [--json]`.
 */
import { help, readArguments } from "./arguments.ts"
import { run } from "./run.ts"

const asked = readArguments(process.argv.slice(2))

if (asked._tag === "Help") process.stdout.write(help)
if (asked._tag === "Wrong") {
  process.stderr.write(`${asked.message}\n`)
  process.exitCode = 2
}
if (asked._tag === "Run") await run(asked.options)
