import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, assert, beforeEach, describe, it } from "vitest"
import { cookie, startNodes, told, writeFile } from "./doctor/clusters.ts"
import { freePort, Place } from "./support/program.ts"

let place: Place
beforeEach(async () => {
  place = await Place.make()
})
afterEach(() => place.close())

const names = (stdout: string): ReadonlyArray<string> =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { readonly node: string }).node)

describe("gcluster members", () => {
  it("shows who is in, by the configuration or by an address, and is seen by nobody", async () => {
    const { ports, programs } = await startNodes(place, "a", "b", "c")
    const before = programs.map(told)
    const table = await place.run(["members", "--config", "a.json"])
    assert.strictEqual(table.code, 0, table.stderr)
    const [title = "", ...rows] = table.stdout.trimEnd().split("\n")
    assert.match(title, /^NODE +STATE +ADDRESSES +INSTANCE +UP SINCE +METADATA$/)
    assert.lengthOf(rows, 3)
    assert.match(rows[1] ?? "", new RegExp(`^b@127.0.0.1 +alive +tls://127.0.0.1:${ports[1]} +[0-9a-f]{8} .*role=b$`))
    assert.match(table.stderr, /as a@127\.0\.0\.1 sees it/)

    writeFileSync(join(place.folder, "cookie"), cookie, { mode: 0o600 })
    const via = ["members", "--via", `127.0.0.1:${ports[2]}`, "--cluster", "orders", "--json"]
    const byFile = await place.run([...via, "--cookie-file", "cookie"])
    assert.deepStrictEqual(names(byFile.stdout).toSorted(), ["a@127.0.0.1", "b@127.0.0.1", "c@127.0.0.1"])
    const byVariable = await place.run(via, { GC_COOKIE: cookie })
    assert.deepStrictEqual(names(byVariable.stdout).toSorted(), ["a@127.0.0.1", "b@127.0.0.1", "c@127.0.0.1"])

    assert.deepStrictEqual(programs.map(told), before)
    assert.deepStrictEqual(
      (await place.run(["members", "--config", "b.json", "--json"])).stdout.trimEnd().split("\n").length,
      3
    )
  })

  it("asks another node where the one of the configuration does not run", async () => {
    const { programs } = await startNodes(place, "a", "b")
    programs[0]?.signal("SIGTERM")
    await programs[0]?.ended
    const outcome = await place.run(["members", "--config", "a.json", "--json"])
    assert.deepStrictEqual(names(outcome.stdout), ["b@127.0.0.1"])
  })

  it("says why nobody can be reached", async () => {
    const [port, other] = [await freePort(), await freePort()]
    writeFile(place, "a", {
      cluster: "orders",
      cookie,
      transport: { tcp: { host: "127.0.0.1", port } },
      discovery: { static: { nodes: [`127.0.0.1:${other}`] } }
    })
    const outcome = await place.run(["members", "--config", "a.json"])
    assert.strictEqual(outcome.code, 1)
    assert.strictEqual(outcome.stdout, "")
    assert.match(outcome.stderr, /no node can be reached:/)
    for (const each of [port, other]) assert.include(outcome.stderr, `127.0.0.1:${each}: connect: connection refused`)
    assert.match(outcome.stderr, /gcluster doctor/)
  })

  it("takes no cookie for none, makes no file, and says what --via wants", async () => {
    const { ports } = await startNodes(place, "a")
    const via = ["members", "--via", `127.0.0.1:${ports[0]}`]
    const without = await place.run([...via, "--cluster", "orders"])
    assert.strictEqual(without.code, 3)
    assert.match(without.stderr, /\.gc\.cookie/)
    assert.throws(() => rmSync(join(place.home, ".gc.cookie")))
    assert.deepInclude(await place.run(via), { code: 2, stdout: "" })
    for (const wrong of ["nowhere", "nowhere:0"]) {
      assert.strictEqual((await place.run(["members", "--via", wrong, "--cluster", "orders"])).code, 2)
    }
  })
})
