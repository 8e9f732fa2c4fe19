import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { scenarios } from "../src/scenarios/all.ts"

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url))

const asked = (...args: ReadonlyArray<string>) => {
  const { status, stderr, stdout } = spawnSync(process.execPath, ["--no-warnings", main, ...args], { encoding: "utf8" })
  return { status, stderr, stdout }
}

describe("the program", () => {
  it("explains itself, every scenario too", () => {
    const { status, stderr, stdout } = asked("--help")
    assert.deepStrictEqual({ status, stderr }, { status: 0, stderr: "" })
    for (const word of ["--nodes", "--only", "--json", "exit code", ...scenarios.map(({ name }) => `  ${name} `)]) {
      assert.include(stdout, word)
    }
  })

  it("refuses what it does not know in one line, with exit code 2, and plays nothing", () => {
    for (const [args, line] of [
      [["--what"], "Unknown option '--what'"],
      [["--nodes", "3"], "--nodes is 3, expected a whole number from 4 to 30"],
      [["--only", "kil"], `there is no scenario "kil", only ${scenarios.map(({ name }) => name).join(", ")}`],
      [["kill"], "Unexpected argument 'kill'"]
    ] as const) {
      const stderr = `processes: ${line} (--help explains the options)\n`
      assert.deepStrictEqual(asked(...args), { status: 2, stderr, stdout: "" })
    }
  })
})
