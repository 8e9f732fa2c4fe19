import { readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { afterEach, assert, beforeEach, describe, it } from "vitest"
import { Place } from "./support/program.ts"

let place: Place
beforeEach(async () => {
  place = await Place.make()
})
afterEach(() => place.close())

describe("gcluster keygen", () => {
  it("prints another cookie each time", async () => {
    const [one, other] = await Promise.all([place.run(["keygen"]), place.run(["keygen"])])
    for (const { code, stdout } of [one, other]) {
      assert.strictEqual(code, 0)
      assert.match(stdout, /^hex:[0-9a-f]{64}\n$/)
    }
    assert.notStrictEqual(one.stdout, other.stdout)
  })

  it("stores one that only its owner can read, and prints it nowhere", async () => {
    const outcome = await place.run(["keygen", "--out", "orders.cookie"])
    const path = join(place.folder, "orders.cookie")
    assert.deepStrictEqual({ code: outcome.code, stdout: outcome.stdout }, { code: 0, stdout: "" })
    assert.match(readFileSync(path, "utf8"), /^hex:[0-9a-f]{64}\n$/)
    assert.strictEqual(statSync(path).mode & 0o777, 0o600)
    assert.notInclude(outcome.stderr, readFileSync(path, "utf8").trim())
  })

  it("replaces nothing", async () => {
    place.write("orders.cookie", "what the nodes share")
    const { code, stderr } = await place.run(["keygen", "--out", "orders.cookie", "--json"])
    assert.strictEqual(code, 1)
    assert.include(stderr, "orders.cookie exists, and a cookie is never replaced")
    assert.strictEqual(readFileSync(join(place.folder, "orders.cookie"), "utf8"), "what the nodes share")
  })

  it("says why a file cannot be made", async () => {
    const { code, stderr } = await place.run(["keygen", "--out", "no/such/folder/cookie"])
    assert.strictEqual(code, 1)
    assert.include(stderr, "ENOENT")
  })

  it("prints JSON when it is asked to", async () => {
    const { stdout } = await place.run(["keygen", "--json"])
    assert.match((JSON.parse(stdout) as { cookie: string }).cookie, /^hex:[0-9a-f]{64}$/)
  })
})
