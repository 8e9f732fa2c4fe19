import { root, say } from "./bootstrap.mjs"
import { run } from "./spawn.mjs"

/** What must hold before a change lands, in the order in which it is cheapest to learn that it does not. */
const gates = [
  ["build", "turbo run build --concurrency=2"],
  ["types", "tsc -b"],
  ["lint", "oxlint"],
  ["format", "oxfmt --check"],
  ["effect", "effect-tsgo diagnostics --project tsconfig.json --format text --severity error,warning --strict"],
  ["boundaries", "turbo boundaries"],
  ["manifests", "node scripts/manifest-check.mjs"],
  ["versions", "sherif"],
  ["unused", "knip"],
  ["file length", "node scripts/file-length-check.mjs"],
  ["api", "node scripts/api-report.mjs --check"],
  ["tarballs", "node scripts/package-check.mjs"],
  ["tests", "vitest run"]
]

export const check = async (args, env) => {
  if (args.includes("--list")) {
    for (const [name, command] of gates) process.stdout.write(`${name.padEnd(14)} ${command}\n`)
    return 0
  }
  const began = Date.now()
  const chosen = gates.filter(([name]) => name !== "tests" || !args.includes("--no-tests"))
  for (const [name, command] of chosen) {
    const started = Date.now()
    say(`\n── ${name}: ${command}`)
    const [program, ...rest] = command.split(" ")
    const { code } = await run(program, rest, { cwd: root, env })
    if (code !== 0) {
      say(`\nThe gate "${name}" failed (${command}, exit ${code}).`)
      return code
    }
    say(`── ${name}: ${((Date.now() - started) / 1000).toFixed(1)} s`)
  }
  say(`\nAll ${chosen.length} gates passed in ${((Date.now() - began) / 1000).toFixed(1)} s.`)
  return 0
}
