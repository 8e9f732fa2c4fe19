import { afterEach, assert, beforeEach, describe, it } from "vitest"
import { cookie, startNodes, told, writeFile } from "./doctor/clusters.ts"
import { patience, Place } from "./support/program.ts"

let place: Place
beforeEach(async () => {
  place = await Place.make()
})
afterEach(() => place.close())

const objects = (stdout: string): ReadonlyArray<Readonly<Record<string, unknown>>> =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)

// Each starts several programs, each of which may take seconds on a machine that is busy.
describe("gcluster doctor", { timeout: 2 * patience }, () => {
  it("finds nothing wrong with a node that runs, nor with one that is to join, and changes nothing", async () => {
    const { ports, programs } = await startNodes(place, "a", "b")
    const before = programs.map(told)
    const running = await place.run(["doctor", "--config", "a.json"])
    assert.strictEqual(running.code, 0, running.stdout)
    assert.match(running.stdout, /^ok {6}listen +tls:\/\/127\.0\.0\.1:\d+: a@127\.0\.0\.1 runs already/m)
    assert.match(running.stdout, /no problem found \(\d+ ok, 0 to be looked at, 0 skipped\)\n$/)
    writeFile(place, "c", {
      cluster: "orders",
      node: "c@127.0.0.1",
      cookie,
      transport: { tcp: { host: "127.0.0.1", port: 0 } },
      discovery: { static: { nodes: ports.map((port) => `127.0.0.1:${port}`) } }
    })
    const joining = await place.run(["doctor", "--config", "c.json", "--json"])
    assert.strictEqual(joining.code, 0, joining.stdout)
    const findings = objects(joining.stdout)
    assert.deepStrictEqual(
      [...new Set(findings.map(({ step }) => step))],
      ["configuration", "cookie", "listen", "advertise", "discovery", "peer", "names", "summary"]
    )
    assert.deepStrictEqual(findings.at(-1), {
      step: "summary",
      ok: true,
      counts: { ok: 8, warning: 0, failed: 0, skipped: 0 }
    })
    assert.notInclude(joining.stdout + joining.stderr, cookie)
    assert.deepStrictEqual(programs.map(told), before)
  })

  it("ends with 1 and says what to do, for people too", async () => {
    const { ports } = await startNodes(place, "a")
    writeFile(place, "b", {
      cluster: "orders",
      cookie: `hex:${"11".repeat(32)}`,
      transport: { tcp: { host: "127.0.0.1", port: 0 } },
      discovery: { static: { nodes: [`127.0.0.1:${ports[0]}`] } }
    })
    const outcome = await place.run(["doctor", "--config", "b.json"])
    assert.strictEqual(outcome.code, 1)
    assert.match(outcome.stdout, /^FAILED {2}peer .*\[wrong_cookie\]\n +→ the cookies differ/m)
    assert.match(outcome.stdout, /one problem \(/)
  })

  it("does not end as if all were well when its reader goes before it is done", async () => {
    writeFile(place, "a", {
      cluster: "orders",
      cookie,
      transport: { tcp: { host: "127.0.0.1", port: 0 } },
      discovery: { gossip: { multicastIf: "127.0.0.1" } }
    })
    const program = place.start(["doctor", "--config", "a.json"])
    await program.until("its first line", () => program.stdout.includes("configuration"))
    program.child.stdout.destroy()
    assert.strictEqual((await program.ended).code, 141)
  })

  it("ends with the code of what is wrong with the configuration: values, none at all, a package", async () => {
    writeFile(place, "wrong", { cluster: "orders", nod: "a@127.0.0.1", discovery: { dns: { port: 0 } } })
    const wrong = await place.run(["doctor", "--config", "wrong.json", "--json"])
    assert.strictEqual(wrong.code, 3)
    const [finding, summary] = objects(wrong.stdout)
    assert.deepInclude(finding, { step: "configuration", status: "failed", reason: "configuration_wrong" })
    assert.match(String(finding?.["detail"]), /^has 3 wrong values/)
    for (const key of ["nod is", "discovery.dns.domain", "discovery.dns.port"]) {
      assert.include(String(finding?.["detail"]), key)
    }
    assert.deepInclude(summary, { step: "summary", ok: false })

    const none = await place.run(["doctor", "--json"])
    assert.strictEqual(none.code, 4)
    assert.deepInclude(objects(none.stdout)[0], { step: "configuration", reason: "nothing_configured" })

    writeFile(place, "foreign", { cluster: "orders", discovery: { zookeeper: { package: "gc-zookeeper" } } })
    const foreign = await place.run(["doctor", "--config", "foreign.json", "--json"])
    assert.strictEqual(foreign.code, 5)
    assert.deepInclude(objects(foreign.stdout)[0], { step: "configuration", reason: "package_missing" })
  })
})
