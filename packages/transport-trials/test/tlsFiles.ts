import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import { createPrivateKey } from "node:crypto"
import { configured, files, nodeFiles, problems, transportOf } from "./configuring.ts"
import type { Kit } from "./kit.ts"
import { fixture, psk } from "./security.ts"
import { addressOf } from "./support.ts"

export const tlsFiles = (kit: Kit): void => {
  describe("the files of tls", () => {
    it.live("make a transport that proves both ends", () =>
      Effect.gen(function* () {
        const entry = { host: "127.0.0.1", port: 0, security: "mtls", tls: files }
        const [one, other] = [
          yield* Effect.flatMap(configured(kit, entry, nodeFiles("node-a")), transportOf),
          yield* Effect.flatMap(configured(kit, entry, nodeFiles("node-b")), transportOf)
        ]
        const listener = yield* one.listen(psk)
        const { proof } = yield* other.dial(addressOf(listener), psk)
        assert(proof._tag === "Mtls")
        assert.deepStrictEqual(proof.names.dns, ["a.test", "localhost"])
      })
    )

    it.effect.each<readonly [what: string, entry: object, says: ReadonlyArray<string>]>([
      [
        "wanted, and none are named",
        { port: 0, security: "mtls" },
        ['tls is missing: expected { certFile, keyFile, caFile }, where security is "mtls"']
      ],
      [
        "not as they should be",
        { security: "mtls", tls: { certFile: "node.pem", keyFile: "open.key", caFile: "no.pem" } },
        [
          'tls.certFile is "*/node.pem", which cannot be read (it does not exist): expected the path of a file',
          'tls.keyFile is "*/open.key", a file that others can read (mode 0644): expected one that only its owner can',
          'tls.caFile is "*/no.pem", which cannot be read (it does not exist): expected the path of a file'
        ]
      ]
    ])("that are %s are named while the configuration is read", ([, entry, says]) =>
      Effect.gen(function* () {
        const said = yield* problems(configured(kit, entry, { "open.key": "hunter2" }))
        const bare = said.map((text) => text.replace(/"\/.*\/(.*)"/, '"*/$1"'))
        assert.lengthOf(bare, says.length)
        for (const [index, text] of says.entries()) assert.include(bare[index], `transport.${kit.name}.${text}`)
      })
    )

    it.effect("that are not used are warned of", () =>
      Effect.gen(function* () {
        const { warnings } = yield* configured(kit, { port: 0, tls: files }, nodeFiles("node-a"))
        assert.deepStrictEqual(warnings, [
          `transport.${kit.name}.tls is not used, as security is "psk": take it out, or set security to "mtls"`
        ])
        const used = yield* configured(kit, { port: 0, tls: files, security: "mtls" }, nodeFiles("node-a"))
        assert.deepStrictEqual(used.warnings, [])
      })
    )

    const pem = nodeFiles("node-a")
    const encrypted = createPrivateKey(pem["node.key"])
      .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "hunter2" })
      .toString()
    const noCertificate = /certFile is ".*node\.pem": expected a file with a certificate in PEM form$/
    const damaged = "-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----"
    const noKey = /keyFile is ".*node\.key": expected a file with a private key in PEM form that is not encrypted$/
    const other = /keyFile is ".*node\.key": expected the private key of the certificate in .*node\.pem$/
    const noRoots = /caFile is ".*ca\.pem": expected a file with certificates in PEM form$/

    it.effect.each<readonly [what: string, beside: Record<string, string>, says: RegExp, tls?: object]>([
      ["no PEM in place of the certificate", { "node.pem": "hunter2" }, noCertificate],
      ["a key in place of the certificate", { "node.pem": pem["node.key"] }, noCertificate],
      ["a damaged certificate", { "node.pem": damaged }, noCertificate],
      ["no PEM in place of the key", { "node.key": "hunter2" }, noKey],
      ["an encrypted key", { "node.key": encrypted }, noKey],
      ["the key of another certificate", { "node.key": fixture("node-b.key") }, other],
      ["no certificate of an authority", { "ca.pem": "" }, noRoots],
      [
        "a certificate that is not there",
        {},
        /certFile is ".*no\.pem", which cannot be read \(it/,
        { certFile: "no.pem" }
      ],
      ["a key that is not there", {}, /keyFile is ".*no\.key", which cannot be read/, { keyFile: "no.key" }],
      [
        "a key that others can read",
        { "open.key": pem["node.key"] },
        /keyFile is ".*open\.key", .*0644.*: expected .*chmod 600/,
        { keyFile: "open.key" }
      ]
    ])("that are %s are refused at the start", ([, beside, says, tls]) =>
      Effect.gen(function* () {
        const read = configured(kit, { security: "mtls", tls: { ...files, ...tls } }, { ...pem, ...beside })
        const said = yield* problems(Effect.flatMap(read, transportOf))
        assert.lengthOf(said, 1)
        assert.match(said[0] ?? "", says)
        assert.isTrue(said[0]?.startsWith(`transport.${kit.name}.tls.`))
        assert.notInclude(said[0], "hunter2")
      })
    )

    it.effect("that are all wrong are named at once", () =>
      Effect.gen(function* () {
        const beside = { "node.pem": "hunter2", "node.key": "hunter2", "ca.pem": "hunter2" }
        const read = configured(kit, { tls: files }, beside)
        const said = yield* problems(Effect.flatMap(read, transportOf))
        assert.deepStrictEqual(
          said.map((text) => text.split(" ")[0]),
          ["certFile", "caFile", "keyFile"].map((name) => `transport.${kit.name}.tls.${name}`)
        )
      })
    )

    it.live("with a certificate that is out of date are taken, with a warning that names it", () =>
      Effect.gen(function* () {
        const lines: Array<string> = []
        const logs = Logger.layer([Logger.make(({ message }) => void lines.push(String(message)))])
        const read = configured(kit, { port: 0, security: "mtls", tls: files }, nodeFiles("expired"))
        yield* Effect.provide(Effect.flatMap(read, transportOf), logs)
        assert.lengthOf(lines, 1)
        assert.match(
          lines[0] ?? "",
          new RegExp(
            `^transport\\.${kit.name}\\.tls\\.certFile: the certificate "CN=expired" in .*node\\.pem has expired \\(2024-01-02T.*replace it$`
          )
        )
      })
    )
  })
}
