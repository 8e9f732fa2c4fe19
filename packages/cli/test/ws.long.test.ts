import { chmodSync } from "node:fs"
import { afterEach, assert, beforeEach, describe, it } from "vitest"
import { cookie, writeFile } from "./doctor/clusters.ts"
import { freePort, patience, Place } from "./support/program.ts"

let place: Place
beforeEach(async () => {
  place = await Place.make()
})
afterEach(() => place.close())

describe("a node over WebSocket", { timeout: 2 * patience }, () => {
  it("is started, shown and examined", async () => {
    const ws = { host: "127.0.0.1", port: await freePort() }
    writeFile(place, "a", { cluster: "orders", node: "a@127.0.0.1", cookie, transport: { ws } })
    await place.start(["start", "--config", "a.json", "--json"]).event("up", "a@127.0.0.1")
    const table = await place.run(["members", "--config", "a.json"])
    assert.match(table.stdout, new RegExp(`a@127.0.0.1 +alive +wss://127.0.0.1:${ws.port}/gc`), table.stderr)
    chmodSync(place.write("cookie", cookie), 0o600)
    const via = ["--via", `wss://127.0.0.1:${ws.port}`, "--cluster", "orders", "--cookie-file", "cookie"]
    const asked = await place.run(["members", ...via])
    assert.match(asked.stdout, /a@127\.0\.0\.1 +alive +wss:/, asked.stderr)
    const doctor = await place.run(["doctor", "--config", "a.json"])
    assert.match(doctor.stdout, /a@127\.0\.0\.1 runs already and listens there/)
    assert.match(doctor.stdout, /ok +advertise +wss:/)
  })
})
