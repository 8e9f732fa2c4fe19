import { root, say } from "./bootstrap.mjs"
import { run } from "./spawn.mjs"

/** What must hold before a change lands, in the order in which it is cheapest to learn that it does not. */
const gates = [
  ["build", "turbo run build --concurrency=2"],
  ["types", "tsc -b"],
  ["rivals", "node scripts/rivals-check.mjs"],
  ["lint", "oxlint"],
  ["format", "oxfmt --check"],
  ["effect", "effect-tsgo diagnostics --project tsconfig.json --format text --severity error,warning --strict"],
  ["boundaries", "turbo boundaries"],
  ["manifests", "node scripts/manifest-check.mjs"],
  ["versions", "sherif"],
  ["unused", "knip"],
  ["length", "node scripts/file-length-check.mjs"],
  ["api", "node scripts/api-report.mjs --check"],
  ["schema", "node scripts/config-schema.mjs --check"],
  ["tarballs", "node scripts/package-check.mjs"],
  ["simulation", "node apps/sim/src/main.ts --short"],
  ["tests", "vitest run"]
]

/** Arguments: `--list`, `--no-tests`, or the names of the gates to run. */
export const check = async (args, env) => {
  if (args.includes("--list")) {
    for (const [name, command] of gates) process.stdout.write(`${name.padEnd(12)} ${command}\n`)
    return 0
  }
  const unknown = args.filter((arg) => arg !== "--no-tests" && !gates.some(([name]) => name === arg))
  if (unknown.length > 0) throw new Error(`there is no gate ${unknown.join(", ")}; see "npm run check -- --list"`)

  const named = gates.filter(([name]) => args.includes(name))
  const chosen = (named.length > 0 ? named : gates).filter(([name]) => name !== "tests" || !args.includes("--no-tests"))
  const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`
  const began = Date.now()
  for (const [name, command] of chosen) {
    const started = Date.now()
    say(`\n── ${name}: ${command}`)
    const [program, ...rest] = command.split(" ")
    const { code } = await run(program, rest, { cwd: root, env })
    if (code !== 0) {
      say(`\nThe gate "${name}" failed (${command}, exit ${code}).`)
      return code
    }
    say(`── ${name}: ${seconds(started)}`)
  }
  say(`\n${chosen.length} gates passed in ${seconds(began)}.`)
  return 0
}
