import { chmodSync } from "node:fs"
import { afterEach, assert, beforeEach, describe, it } from "vitest"
import type { Finding } from "../src/internal/doctor/finding.ts"
import { ip, Machines, unavailable, within } from "./doctor/namespaces.ts"
import { type Outcome, Place } from "./support/program.ts"

const cookie = `hex:${"5a".repeat(32)}`

let place: Place
let machines: Machines
beforeEach(async () => {
  if (unavailable !== undefined) return
  place = await Place.make()
  machines = new Machines(place.folder)
})
afterEach(async () => {
  if (unavailable !== undefined) return
  await machines.close()
  await place.close()
})

const write = (name: string, index: number, discovery: object): void => {
  const host = `10.214.0.${index + 1}`
  const node = `${name}@${host}`
  const transport = { tcp: { host, port: 4370 } }
  chmodSync(place.write(`${name}.json`, { cluster: "orders", node, cookie, transport, discovery }), 0o600)
}

const quick = { interval: "300 millis" }

/** What doctor, as a program, prints with `--json`. */
const findingsOf = ({ stderr, stdout }: Outcome): ReadonlyArray<Finding> => {
  const lines = stdout.trimEnd().split("\n")
  assert.notStrictEqual(stdout, "", stderr)
  return lines.map((line) => JSON.parse(line) as Finding).filter((each) => (each.step as string) !== "summary")
}

const problemsOf = (outcome: Outcome) =>
  findingsOf(outcome)
    .filter(({ status }) => status === "failed")
    .map(({ reason, step }) => `${step} ${reason}`)

const doctor = (): Promise<Outcome> =>
  machines.run(machines.names[0], ["doctor", "--config", "a.json", "--for", "1s", "--json"])

describe.skipIf(unavailable !== undefined)("doctor on a machine of its own", () => {
  it("names the port of a peer that a firewall drops", async () => {
    const list = { static: { nodes: ["10.214.0.2:4370"] } }
    write("a", 0, list)
    write("b", 1, list)
    const b = machines.start(machines.names[1], ["start", "--config", "b.json", "--json"])
    await b.event("up", "b@10.214.0.2")

    const well = await doctor()
    assert.deepStrictEqual(problemsOf(well), [])
    assert.strictEqual(well.code, 0)

    within(machines.names[1], "iptables", "-A", "INPUT", "-p", "tcp", "--dport", "4370", "-j", "DROP")
    const broken = await doctor()
    assert.deepStrictEqual(problemsOf(broken), ["peer no_answer"])
    assert.strictEqual(broken.code, 1)
    assert.match(findingsOf(broken).find(({ status }) => status === "failed")?.remedy ?? "", /firewall/)
    assert.deepStrictEqual(
      b.events.map(({ event, node }) => `${event} ${node}`),
      ["started b@10.214.0.2", "up b@10.214.0.2"]
    )
  })

  it("names multicast that is dropped, has no route, or no interface", async () => {
    const [own] = machines.names
    write("a", 0, { gossip: quick })
    assert.deepStrictEqual(problemsOf(await doctor()), ["multicast no_multicast", "discovery no_multicast"])
    ip("-n", own, "route", "add", "224.0.0.0/4", "dev", "eth0")
    const well = await doctor()
    assert.deepStrictEqual(problemsOf(well), [])
    assert.strictEqual(well.code, 0)
    assert.include(
      findingsOf(well).map(({ reason, status, step }) => `${step} ${status} ${reason ?? ""}`),
      "discovery warning nobody_heard"
    )
    within(own, "iptables", "-A", "INPUT", "-d", "230.1.1.251", "-j", "DROP")
    const dropped = await doctor()
    assert.deepStrictEqual(problemsOf(dropped), ["multicast no_multicast"])
    assert.match(
      findingsOf(dropped).find(({ status }) => status === "failed")?.remedy ?? "",
      /ip route get 230.1.1.251/
    )
    write("a", 0, { gossip: { ...quick, multicastIf: "eth9" } })
    assert.include(problemsOf(await doctor()), "multicast no_interface")
  }, 60_000)

  it.each([
    ["on a named interface", { multicastIf: "eth0" }],
    ["on all interfaces", { multicastIf: "all" }],
    ["by an interface's address", { multicastIf: "10.214.0.1" }],
    ["by broadcast", { broadcastOnly: true }],
    ["in an IPv6 group", { multicastAddr: "ff02::4370%eth0" }]
  ])("hears its own probe %s", async (_, options) => {
    const [own] = machines.names
    ip("-n", own, "addr", "add", "fd00::1/64", "dev", "eth0", "nodad")
    write("a", 0, { gossip: { ...quick, ...options } })
    const findings = findingsOf(await doctor())
    assert.deepStrictEqual(
      findings.filter(({ step }) => step === "multicast").map(({ about, status }) => [status, about.includes("eth0")]),
      [["ok", true]]
    )
  })

  it("hears a node by gossip, and is not taken for one", async () => {
    for (const name of machines.names) ip("-n", name, "route", "add", "224.0.0.0/4", "dev", "eth0")
    write("a", 0, { gossip: quick })
    write("b", 1, { gossip: quick })
    const b = machines.start(machines.names[1], ["start", "--config", "b.json", "--json"])
    await b.event("up", "b@10.214.0.2")
    const outcome = await doctor()
    assert.deepStrictEqual(problemsOf(outcome), [])
    const peers = findingsOf(outcome).filter(({ step }) => step === "peer")
    assert.match(peers.map(({ detail }) => detail).join(), /b@10\.214\.0\.2 answers/)
    assert.lengthOf(b.events, 2)
    assert.notMatch(b.stderr, /WARN|ERROR/)
  })
})
