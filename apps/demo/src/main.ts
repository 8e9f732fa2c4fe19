/**
 * The demo's program: `node apps/demo/src/main.ts [--nodes N] [--json]`.
 */
import { help, readArguments } from "./arguments.ts"

const asked = readArguments(process.argv.slice(2))

if (asked._tag === "Help") process.stdout.write(help)
if (asked._tag === "Wrong") {
  process.stderr.write(`${asked.message}\n`)
  process.exitCode = 2
}
if (asked._tag === "Run") {
  const { run } = await import("./run.ts")
  run(asked.options)
}
