import * as Effect from "effect/Effect"
import { assert, describe, it } from "vitest"
import { blackhole, fakeEpmd, nameServer, silentServer, webServer } from "./doctor/fakes.ts"
import { examined, freePort, isWell, namesProblem, node, onlyIn, portOf, run } from "./doctor/setUp.ts"

const extraOf = (name: string, port: number): string => `gc1 - ${name}@127.0.0.1 tls://127.0.0.1:${port}`

describe("doctor, of discovery by DNS,", () => {
  it("names the server that answers SERVFAIL", () =>
    run(
      Effect.gen(function* () {
        const b = yield* node("b@127.0.0.1")
        const dns = (server: string) => ({
          discovery: { dns: { domain: "web.test.", servers: [server], port: portOf(b) } }
        })
        const server = yield* nameServer("SERVFAIL")
        const broken = yield* examined(dns(server))
        const { detail } = namesProblem(broken, "discovery", "servfail", /log of that name server/)
        assert.include(detail, server)
        onlyIn(broken, "discovery")
        assert.isFalse(broken.findings.some(({ reason }) => reason === "nobody_found"))
        const asked = broken.findings.find(({ step }) => step === "dns")
        assert.strictEqual(asked?.reason, "servfail")
        assert.strictEqual(asked?.about, server)
        isWell(yield* examined(dns(yield* nameServer("NOERROR"))), "dns", "discovery", "peer")
      })
    ))

  it.each([
    ["refuses", nameServer("REFUSED"), "dns_refused"],
    ["is not there", Effect.map(freePort, (port) => `127.0.0.1:${port}`), "unreachable"]
  ])("says the same word of a server that %s in both steps", (_, make, word) =>
    run(
      Effect.gen(function* () {
        const dns = { domain: "web.test.", servers: [yield* make] }
        const { findings } = yield* examined({ discovery: { dns } })
        assert.deepStrictEqual(
          findings.filter(({ reason }) => reason !== undefined).map(({ reason, step }) => [step, reason]),
          [
            ["dns", word],
            ["discovery", word]
          ]
        )
      })
    )
  )

  it("tells of one server of two that is out of order, which nobody else notices", () =>
    run(
      Effect.gen(function* () {
        const b = yield* node("b@127.0.0.1")
        const [bad, good] = [yield* nameServer("SERVFAIL"), yield* nameServer("NOERROR")]
        const examination = yield* examined({
          discovery: { dns: { domain: "web.test.", servers: [good, bad], port: portOf(b) } }
        })
        isWell(examination, "dns", "discovery", "peer")
        const warnings = examination.findings.filter(({ status }) => status === "warning")
        assert.deepStrictEqual(
          warnings.map(({ about, reason, step }) => [step, about, reason]),
          [["dns", bad, "servfail"]]
        )
      })
    ))
})

describe("doctor, of discovery by epmd,", () => {
  it("names a registration whose port refuses", () =>
    run(
      Effect.gen(function* () {
        const closed = yield* freePort
        const stale = yield* fakeEpmd([{ name: "b", port: closed, extra: extraOf("b", closed), known: true }])
        const broken = yield* examined({ discovery: { epmd: { port: stale, daemon: false } } })
        const { detail } = namesProblem(broken, "peer", "stale_registration", /epmd -names/)
        assert.match(detail, /registration is stale/)
        onlyIn(broken, "peer")
        const port = portOf(yield* node("b@127.0.0.1"))
        const fresh = yield* fakeEpmd([{ name: "b", port, extra: extraOf("b", port), known: true }])
        isWell(yield* examined({ discovery: { epmd: { port: fresh, daemon: false } } }), "epmd", "peer")
      })
    ))

  it("names a name that is listed and gone", () =>
    run(
      Effect.gen(function* () {
        const port = portOf(yield* node("b@127.0.0.1"))
        const gone = yield* fakeEpmd([{ name: "b", port, extra: extraOf("b", port), known: false }])
        const broken = yield* examined({ discovery: { epmd: { port: gone, daemon: false } } })
        const { detail } = namesProblem(broken, "epmd", "stale_name", /restart the epmd/)
        assert.match(detail, /the name is gone/)
        onlyIn(broken, "epmd")
      })
    ))

  it("names a name of the list that its epmd does not know any more", () =>
    run(
      Effect.gen(function* () {
        const port = portOf(yield* node("b@127.0.0.1"))
        const listing = (epmd: number) => ({
          discovery: { static: { nodes: ["b@127.0.0.1"] } },
          resolver: { epmd: { port: epmd } }
        })
        const broken = yield* examined(listing(yield* fakeEpmd([])))
        const { detail } = namesProblem(broken, "peer", "name_unknown", /start that node/)
        assert.match(detail, /does not know "b"/)
        const known = yield* fakeEpmd([{ name: "b", port, extra: extraOf("b", port), known: true }])
        isWell(yield* examined(listing(known)), "peer")
      })
    ))

  it("names another program that has this node's name there", () =>
    run(
      Effect.gen(function* () {
        const epmd = yield* fakeEpmd([{ name: "a", port: 9_000, extra: "", known: true }])
        const broken = yield* examined({ discovery: { epmd: { port: epmd, daemon: false } } })
        namesProblem(broken, "epmd", "name_taken", /another name/)
      })
    ))

  it("names another program at the port of the epmd", () =>
    run(
      Effect.gen(function* () {
        const broken = yield* examined({ discovery: { epmd: { port: yield* webServer, daemon: false } } })
        namesProblem(broken, "epmd", "epmd_unreachable", /another program/)
        namesProblem(broken, "discovery", "epmd_unreachable", /step epmd/)
      })
    ))

  it("tells an epmd that is not there from one that is to be served", () =>
    run(
      Effect.gen(function* () {
        const port = yield* freePort
        isWell(yield* examined({ discovery: { epmd: { port } } }))
        const broken = yield* examined({ discovery: { epmd: { port, daemon: false } } })
        namesProblem(broken, "epmd", "epmd_not_running", /epmd -daemon/)
        namesProblem(broken, "discovery", "epmd_not_running", /step epmd/)
      })
    ))
})

describe("doctor, of a list,", () => {
  it("names a port that answers nothing, as behind a firewall", () =>
    run(
      Effect.gen(function* () {
        const port = yield* blackhole
        const broken = yield* examined({ discovery: { static: { nodes: [`tcp://127.0.0.1:${port}`] } } })
        namesProblem(broken, "peer", "no_answer", /firewall/)
        onlyIn(broken, "peer")
      })
    ))

  it("names a port that takes connections and says nothing", () =>
    run(
      Effect.gen(function* () {
        const nodes = [`tcp://127.0.0.1:${yield* silentServer}`]
        namesProblem(yield* examined({ discovery: { static: { nodes } } }), "peer", "hangs", /what that process does/)
      })
    ))

  it("names a port on which nobody listens", () =>
    run(
      Effect.gen(function* () {
        const broken = yield* examined({ discovery: { static: { nodes: [`tcp://127.0.0.1:${yield* freePort}`] } } })
        namesProblem(broken, "peer", "refused", /start the node/)
      })
    ))
})
