import { assert, describe, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

const program = `
import { registerHooks } from "node:module"
const loaded = []
registerHooks({
  resolve: (specifier, context, next) => {
    const resolved = next(specifier, context)
    loaded.push(resolved.url)
    return resolved
  }
})
// The suites cannot run outside of vitest, but they load it.
await import(process.argv[1]).catch(() => {})
process.stdout.write(JSON.stringify(loaded))
`

/** Everything that Node loads for an entry of this package. */
const loadedFor = async (entry: string): Promise<ReadonlyArray<string>> => {
  const cwd = fileURLToPath(new URL("..", import.meta.url))
  const args = ["--input-type=module", "-e", program, entry]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd, maxBuffer: 1 << 24 })
  return JSON.parse(stdout) as ReadonlyArray<string>
}

const isVitest = (url: string): boolean => /[/@]vitest\b/.test(url)

describe("the entries of the package", () => {
  it("the root loads nothing of vitest, and no suite", async () => {
    const loaded = await loadedFor("@gc/testkit")
    assert.isTrue(
      loaded.some((url) => url.endsWith("/SimulatedNetwork.ts")),
      "it was loaded"
    )
    assert.deepStrictEqual(
      loaded.filter((url) => isVitest(url) || url.includes("/suites/")),
      []
    )
  })

  it("the suites load vitest", async () => {
    assert.isAbove((await loadedFor("@gc/testkit/suites")).filter(isVitest).length, 0)
  })
})
