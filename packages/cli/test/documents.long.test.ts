import { readFileSync } from "node:fs"
import { afterEach, assert, beforeEach, describe, it } from "vitest"
import { Place } from "./support/program.ts"

let place: Place
beforeEach(async () => {
  place = await Place.make()
})
afterEach(() => place.close())

const documents = ["../README.md", "../../../docs/gcluster.md"]

describe.each(documents)("%s", (document) => {
  const text = readFileSync(new URL(document, import.meta.url), "utf8")
  const samples = [...text.matchAll(/```json\n(.*?)```/gs)].map(([, sample]) => String(sample))

  it("has configurations that start", async () => {
    assert.isNotEmpty(samples)
    for (const sample of samples) {
      place.write("gc.json", sample)
      const { code, stderr } = await place.run(["config", "check"])
      assert.strictEqual(code, 0, stderr)
    }
  })

  it("names every command", async () => {
    const { stdout } = await place.run(["--help"])
    const listed = stdout.split("SUBCOMMANDS")[1]?.split("EXAMPLES")[0] ?? ""
    const commands = [...listed.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => String(name))
    assert.includeMembers(commands, ["try", "doctor"])
    for (const command of commands) assert.match(text, new RegExp(`\`[^\`]*\\b${command}\\b[^\`]*\``))
  })
})
