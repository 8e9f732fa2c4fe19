import * as Effect from "effect/Effect"
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Redacted from "effect/Redacted"
import { assert, describe, it } from "vitest"
import { webServer } from "./doctor/fakes.ts"
import { at, examined, folder, freePort, isWell, namesProblem, node, onlyIn, portOf, run } from "./doctor/setUp.ts"

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../transport-trials/test/fixtures/${name}`, import.meta.url))

/** The files of a node with this certificate, its key as it must be kept. */
const tlsOf = Effect.fnUntraced(function* (name: string) {
  const keyFile = join(yield* folder, "node.key")
  copyFileSync(fixture(`${name}.key`), keyFile)
  chmodSync(keyFile, 0o600)
  return { certFile: fixture(`${name}.pem`), keyFile, caFile: fixture("ca.pem") }
})

const secured = (tls: object, ...nodes: ReadonlyArray<string>) => ({
  security: "mtls",
  transport: { tcp: { host: "127.0.0.1", port: 0, tls } },
  discovery: { static: { nodes } }
})

/** A peer with this certificate. */
const certified = (name: string, certificate: string) =>
  node(
    name,
    { security: "mtls" },
    {
      tls: {
        cert: readFileSync(fixture(`${certificate}.pem`), "utf8"),
        key: Redacted.make(readFileSync(fixture(`${certificate}.key`), "utf8")),
        ca: readFileSync(fixture("ca.pem"), "utf8")
      }
    }
  )

describe("doctor, of certificates,", () => {
  it("names an expired one of this node", () =>
    run(
      Effect.gen(function* () {
        const b = yield* certified("b@b.test", "node-b")
        const broken = yield* examined({ ...secured(yield* tlsOf("expired"), at(b)), node: "a@a.test" })
        const { about, detail } = namesProblem(broken, "tls", "certificate_expired", /renew/)
        assert.match(about, /expired\.pem$/)
        assert.include(detail, "2024-01-02")
        const advertised = broken.findings.find(({ step }) => step === "advertise")
        assert.strictEqual(advertised?.status, "skipped", "it does lead here, whatever the certificate")
        isWell(yield* examined(secured(yield* tlsOf("node-a"), at(b))), "tls", "listen", "advertise", "peer")
      })
    ))

  it("names an expired one of a peer", () =>
    run(
      Effect.gen(function* () {
        const b = yield* certified("b@a.test", "expired")
        const broken = yield* examined(secured(yield* tlsOf("node-a"), at(b)))
        namesProblem(broken, "peer", "certificate_expired", /new one/)
        onlyIn(broken, "peer")
      })
    ))

  it("names one for another host, one of another authority, and a key that does not belong to it", () =>
    run(
      Effect.gen(function* () {
        const good = yield* tlsOf("node-a")
        const elsewhere = yield* examined({ ...secured(good), node: "a@c.test" })
        const { remedy } = namesProblem(elsewhere, "tls", "certificate_name", /subjectAltName=DNS:c\.test/)
        assert.match(remedy ?? "", /URI:gc:a@c\.test/)
        namesProblem(yield* examined(secured(yield* tlsOf("foreign"))), "tls", "certificate_foreign", /authority/)
        const mixed = { ...good, keyFile: (yield* tlsOf("node-b")).keyFile }
        namesProblem(yield* examined(secured(mixed)), "tls", "key_mismatch", /key/)
      })
    ))

  it.each(["psk", "plain"] as const)("names mtls where the peer has %s, and the other way round", (security) =>
    run(
      Effect.gen(function* () {
        const b = yield* node("b@127.0.0.1", { security })
        const c = yield* certified("c@b.test", "node-b")
        const tls = yield* tlsOf("node-a")
        const ours = yield* examined(secured(tls, at(b)))
        namesProblem(ours, "peer", "mode_mismatch", /same/)
        onlyIn(ours, "peer")
        const theirs = yield* examined({ security, discovery: { static: { nodes: [at(c)] } } })
        namesProblem(theirs, "peer", "mode_mismatch", /same/)
        onlyIn(theirs, "peer")
      })
    )
  )
})

describe("doctor, of this node's own address,", () => {
  const advertising = (advertise: string) => ({ transport: { tcp: { host: "127.0.0.1", port: 0, advertise } } })

  it("names an advertised address at which nobody is", () =>
    run(
      Effect.gen(function* () {
        const broken = yield* examined(advertising(`127.0.0.1:${yield* freePort}`))
        const { detail } = namesProblem(broken, "advertise", "nobody_there", /option advertise/)
        assert.match(detail, /nobody is there/)
        assert.strictEqual(broken.findings.find(({ step }) => step === "listen")?.about, "transport.tcp")
        onlyIn(broken, "advertise")
        isWell(yield* examined(advertising("127.0.0.1")), "advertise")
      })
    ))

  it.each(["psk", "plain"] as const)("names an advertised address at which another node is (%s)", (security) =>
    run(
      Effect.gen(function* () {
        const b = yield* node("b@127.0.0.1", { security })
        const broken = yield* examined({ security, ...advertising(`127.0.0.1:${portOf(b)}`) })
        const { detail } = namesProblem(broken, "advertise", "another_node", /option advertise/)
        assert.include(detail, "b@127.0.0.1")
        onlyIn(broken, "advertise")
      })
    )
  )

  it.each(["psk", "plain"] as const)("names an advertised address at which another program is (%s)", (security) =>
    run(
      Effect.gen(function* () {
        const port = yield* webServer
        const broken = yield* examined({ security, ...advertising(`127.0.0.1:${port}`) })
        namesProblem(broken, "advertise", "another_program", /option advertise/)
        onlyIn(broken, "advertise")
      })
    )
  )

  it("tells this node, which runs already, from another one that has its port", () =>
    run(
      Effect.gen(function* () {
        const a = yield* node("a@127.0.0.1")
        const transport = { tcp: { host: "127.0.0.1", port: portOf(a) } }
        const listed = { transport, discovery: { static: { nodes: [at(a)] } } }
        isWell(yield* examined(listed), "listen", "advertise", "peer")
        const other = yield* examined({ ...listed, node: "b@127.0.0.1" })
        const { detail } = namesProblem(other, "listen", "port_taken_by_node", /another port/)
        assert.include(detail, "a@127.0.0.1")
      })
    ))

  it("names a port that two transports are to have", () =>
    run(
      Effect.gen(function* () {
        const port = yield* freePort
        const both = (other: number) => ({
          transport: { tcp: { host: "127.0.0.1", port }, ws: { host: "127.0.0.1", port: other } }
        })
        const { about } = namesProblem(yield* examined(both(port)), "listen", "port_twice", /another port/)
        assert.strictEqual(about, "transport.ws")
        isWell(yield* examined(both(0)), "listen")
      })
    ))

  it("names a port that another program has", () =>
    run(
      Effect.gen(function* () {
        const b = yield* node("b@127.0.0.1", { security: "plain", cluster: "other" })
        const broken = yield* examined({ transport: { tcp: { host: "127.0.0.1", port: portOf(b) } } })
        namesProblem(broken, "listen", "port_taken", /ss -tlnp/)
      })
    ))
})

describe("doctor, of the cookie,", () => {
  it("names a file that is not there, and makes none", () =>
    run(
      Effect.gen(function* () {
        const home = yield* folder
        const before = process.env["HOME"]
        yield* Effect.acquireRelease(
          Effect.sync(() => (process.env["HOME"] = home)),
          () =>
            Effect.sync(() => void (before === undefined ? delete process.env["HOME"] : (process.env["HOME"] = before)))
        )
        const broken = yield* examined({ cookie: undefined })
        namesProblem(broken, "cookie", "cookie_missing", /gcluster keygen/)
        const path = join(home, ".gc.cookie")
        assert.throws(() => readFileSync(path))
        writeFileSync(path, `hex:${"ab".repeat(32)}`, { mode: 0o644 })
        namesProblem(yield* examined({ cookie: undefined }), "cookie", "cookie_exposed", /chmod 600/)
        chmodSync(path, 0o600)
        isWell(yield* examined({ cookie: undefined }), "cookie")
      })
    ))
})
