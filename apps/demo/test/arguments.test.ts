import { assert, describe, it } from "@effect/vitest"
import { readArguments } from "../src/arguments.ts"

const optionsOf = (...args: ReadonlyArray<string>) => {
  const asked = readArguments(args)
  return asked._tag === "Run" ? asked.options : assert.fail(JSON.stringify(asked))
}

describe("the command line", () => {
  it("asks for three nodes and a view for people when it says nothing", () => {
    assert.deepStrictEqual(optionsOf(), { nodes: 3, json: false, fault: undefined, within: 10_500 })
  })

  it("gives more nodes more time", () => {
    assert.strictEqual(optionsOf("--nodes", "30", "--json").within, 40_500)
    assert.strictEqual(optionsOf("--nodes=2").within, 10_500)
  })

  for (const [args, expected] of [
    [["--nodes", "1"], "--nodes is 1, expected a whole number from 2 to 30"],
    [["--nodes", "31"], "--nodes is 31, expected a whole number from 2 to 30"],
    [["--nodes", "2.5"], "--nodes is 2.5, expected a whole number from 2 to 30"],
    [["--nodes", "many"], "--nodes is many, expected a whole number from 2 to 30"],
    [["--nodes="], "--nodes is , expected a whole number from 2 to 30"],
    [["--nodes"], "Option '--nodes <value>' argument missing"],
    [["--nods", "3"], "Unknown option '--nods'"],
    [["3"], "Unexpected argument '3'"],
    [["--json=yes"], "Option '--json' does not take an argument"]
  ] as const) {
    it(`refuses ${args.join(" ")} in one line`, () => {
      const message = `demo: ${expected} (--help explains the options)`
      assert.deepStrictEqual(readArguments(args), { _tag: "Wrong", message })
    })
  }
})
