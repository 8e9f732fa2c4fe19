import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8")

/** Every file in `documented/` is a test of its own, and stands in a document as it is. */
const files = readdirSync(new URL("documented", import.meta.url)).map((name) => ({
  name,
  text: read(`documented/${name}`).trim()
}))

const documents = ["../README.md", "../../../docs/testkit.md"]

const blocks = documents.flatMap((path) =>
  [...read(path).matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text = ""]) => ({ path, text: text.trim() }))
)

describe("the programs in the documents of the testkit", () => {
  it.each(blocks.map(({ path, text }, index) => [path, index, text] as const))(
    "%s: program %d is run",
    (_, __, text) => {
      assert.include(
        files.map((file) => file.text),
        text
      )
    }
  )

  it.each(files.map(({ name, text }) => [name, text] as const))("%s stands in one of them", (_, text) => {
    assert.include(
      blocks.map((block) => block.text),
      text
    )
  })
})
