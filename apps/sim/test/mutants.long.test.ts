import { describe, expect, it } from "vitest"
import { hunt } from "../src/hunt.ts"
import { mutants } from "../src/mutants.ts"
import { mutate } from "../src/mutate.ts"
import { replay } from "../src/report.ts"

describe("a protocol with a fault in it is caught", () => {
  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))(
    "%s",
    async (_name, mutant) => {
      const found = await hunt(mutant, 400)
      expect(found).toBeDefined()
      process.stdout.write(`${mutant.name}: ${replay(mutant.scenario, mutant.size, found?.seed ?? 0, mutant.name)}\n`)
    },
    60_000
  )

  it("a mutant whose text is not in the protocol any more is noticed", () => {
    const [mutant] = mutants
    if (mutant === undefined) throw new Error("there are mutants")
    const changes = [{ file: "step.ts", find: "no such text", replace: "" }]
    expect(() => mutate({ ...mutant, changes })).toThrow("0 times")
  })
})
