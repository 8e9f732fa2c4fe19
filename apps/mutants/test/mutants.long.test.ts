import { describe, expect, it } from "vitest"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { hunt } from "../src/hunt.ts"
import { applied, mutated, root } from "../src/mutate.ts"
import { mutants } from "../src/mutants/index.ts"
import { parse, WrongArgument } from "../src/options.ts"
import { tableOfMutants } from "../src/report.ts"

const suites = join(root, "packages/testkit/src/suites")

const sourceOfSuites = readdirSync(suites, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => readFileSync(join(suites, file), "utf8"))
  .join("\n")

const named = (name: string) => {
  const mutant = mutants.find((each) => each.name === name)
  if (mutant === undefined) throw new Error(`there is no mutant ${name}`)
  return mutant
}

describe("the mutants", () => {
  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))(
    "%s changes one line of a plug-in",
    (_name, mutant) => {
      expect(`${mutant.find}${mutant.replace}`).not.toContain("\n")
      expect(() => mutated(mutant)).not.toThrow()
      expect(sourceOfSuites, "there is such a check").toContain(`name: ${JSON.stringify(mutant.caughtBy)}`)
    }
  )

  it("are ten or more for each suite, each with a name of its own", () => {
    const transports = mutants.filter(({ plugin }) => plugin.startsWith("transport-"))
    expect(transports.length).toBeGreaterThanOrEqual(10)
    expect(mutants.length - transports.length).toBeGreaterThanOrEqual(10)
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
  })

  it("are those of the documentation", () => {
    expect(readFileSync(join(root, "docs/testkit.md"), "utf8")).toContain(tableOfMutants(mutants))
  })

  it("a text that is not there, or there twice, is noticed", () => {
    const mutant = named("static-goes-on")
    expect(() => applied(mutant, "nothing of the kind")).toThrow("0 times")
    expect(() => applied(mutant, `${mutant.find} ${mutant.find}`)).toThrow("2 times")
  })
})

describe("the hunt", () => {
  it("catches a mutant by its check", async () => {
    const mutant = named("static-nobody-first")
    expect(await hunt(mutant, false)).toMatchObject({ caught: true, mutant: mutant.name })
  }, 120_000)

  it("says when the check lets a mutant pass, and which other one does not", async () => {
    const mutant = { ...named("static-nobody-first"), caughtBy: "the looks end after the last one" }
    const verdict = await hunt(mutant, false)
    expect(verdict).toMatchObject({ caught: false })
    expect(verdict.by).toContain("the first look is the whole set")
  }, 120_000)

  it("says when there is no such check", async () => {
    const mutant = { ...named("static-nobody-first"), caughtBy: "no such check" }
    expect(await hunt(mutant, false)).toMatchObject({ caught: false, shows: "no check is named no such check" })
  }, 120_000)
})

describe("the arguments", () => {
  it("choose mutants by their names and packages", () => {
    expect(parse([]).mutants).toStrictEqual(mutants)
    expect(parse(["--only", "static-goes-on"]).mutants.map(({ name }) => name)).toStrictEqual(["static-goes-on"])
    expect(parse(["--only", "discovery-static"]).mutants.length).toBeGreaterThan(1)
  })

  it.each([
    [["--only", "nobody"], "expected of"],
    [["--jobs", "0"], "--jobs 0: expected"],
    [["--wat"], "--wat"],
    [["positional"], "positional"]
  ])("refuse %j", (args, text) => {
    expect(() => parse(args)).toThrow(WrongArgument)
    expect(() => parse(args)).toThrow(text)
  })
})
