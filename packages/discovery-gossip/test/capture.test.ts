import { assert, describe, it } from "@effect/vitest"
import { clusterTag } from "@gc/core/protocol"
import { createDecipheriv, hkdfSync } from "node:crypto"
import { readFileSync } from "node:fs"
import { decodeHeartbeat } from "../src/internal/libclusterFormat.ts"

/** The packets of the document, put together from its tables, whose ranges must be without a gap. */
const tables = readFileSync(new URL("../../../docs/discovery-gossip.md", import.meta.url), "utf8")
  .split(/^\| bytes .*$/m)
  .slice(1)
  .map((text) => {
    const rows = [...text.matchAll(/^\| (\d+)(?:–(\d+))? +\| `([0-9a-f]+)` +\|/gm)]
    let end = 0
    for (const [, from, to, hex = ""] of rows) {
      assert.strictEqual(Number(from), end, hex)
      end += hex.length / 2
      assert.strictEqual(Number(to ?? from) + 1, end, hex)
    }
    return Buffer.from(rows.map(([, , , hex]) => hex).join(""), "hex")
  })
const [beacon = Buffer.of(), body = Buffer.of(), heartbeat = Buffer.of()] = tables

const hkdf = (key: Uint8Array, salt: Uint8Array | string, info: string) =>
  Buffer.from(hkdfSync("sha256", key, salt, info, 32))

describe("the captures in the document", () => {
  it("of a beacon: opened with nothing but what GC/1 says of it", () => {
    const cookie = Buffer.from(Array.from({ length: 32 }, (_, index) => index))
    const root = hkdf(cookie, "gch1 root\0orders", "")
    const key = hkdf(hkdf(root, "", "gch1 udp"), beacon.subarray(16, 32), "gch1 beacon")
    const nonce = Buffer.concat([Buffer.alloc(4), beacon.subarray(32, 40)])
    const decipher = createDecipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 })
    decipher.setAAD(beacon.subarray(0, 40), { plaintextLength: beacon.length - 56 })
    decipher.setAuthTag(beacon.subarray(-16))
    const plain = Buffer.concat([decipher.update(beacon.subarray(40, -16)), decipher.final()])
    assert.strictEqual(plain.toString("hex"), body.toString("hex"))
    assert.strictEqual(beacon.subarray(5, 13).toString("hex"), Buffer.from(clusterTag("orders")).toString("hex"))
    assert.include(plain.toString("latin1"), "tls://127.0.0.1:4370")
  })

  it("of a heartbeat", () => {
    assert.strictEqual(decodeHeartbeat(heartbeat), "a@127.0.0.1")
  })
})
