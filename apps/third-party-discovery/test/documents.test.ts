import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), "utf8")

const bare = (code: string) => code.replaceAll(/\s+/g, " ").trim()

/** The code of the guide that says which file it is taken from. */
const excerpts = Array.from(
  read("../../docs/guides/write-a-discovery-package.md").matchAll(/^```ts (\S+)\n(.*?)^```$/gms),
  ([, file = "", code = ""]) => ({ file, code })
)

describe("the guide to discovery packages", () => {
  it("shows what stands in the packages", () => {
    assert.isAbove(excerpts.length, 7)
    for (const { code, file } of excerpts) assert.include(bare(read(file)), bare(code), file)
  })

  it("names the parts of the template that are there", () => {
    const source = read("template/src/index.ts")
    for (const name of ["make", "layer", "layerConfig", "plugin"]) assert.include(source, `export const ${name}`)
  })
})

describe("the README of gc-discovery-redis", () => {
  it("gives a user the rights that the tests' nodes have", () => {
    const [, rights = "?"] = /^ACL SETUSER node on >password (.*)$/m.exec(read("gc-discovery-redis/README.md")) ?? []
    assert.include(read("gc-discovery-redis/test/redisServer.ts"), rights)
  })

  it("has a line for each option", () => {
    const options = read("gc-discovery-redis/src/Redis.ts").matchAll(/^ {2}readonly (\w+)\?/gm)
    const names = Array.from(options, ([, name = ""]) => name)
    assert.lengthOf(names, 5)
    for (const name of names)
      assert.match(read("gc-discovery-redis/README.md"), new RegExp(`^\\| \`${name}\` +\\|`, "m"))
  })
})
