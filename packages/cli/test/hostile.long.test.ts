import type { Member } from "@gc/core/Member"
import { spawnSync } from "node:child_process"
import { stripVTControlCharacters } from "node:util"
import { afterEach, assert, beforeEach, describe, it } from "vitest"
import { tableOf } from "../src/internal/doctor/printMembers.ts"
import { lineOf } from "../src/internal/events.ts"
import { bin, Place } from "./support/program.ts"

let place: Place
beforeEach(async () => {
  place = await Place.make()
})
afterEach(() => place.close())

const cookie = `hex:${"5a".repeat(32)}`

/** A source that logs where it is loaded, and whose error clears the screen. */
const source = `
  import * as Discovery from "@gc/core/Discovery"
  import * as Plugin from "@gc/core/Plugin"
  import * as Effect from "effect/Effect"
  import * as Layer from "effect/Layer"
  import * as Schema from "effect/Schema"
  import * as Stream from "effect/Stream"
  console.log("loaded")
  console.info("and ready")
  console.table([1])
  const looks = () => {
    console.log("looked")
    return Stream.die(new Error("no\\u001b[2J\\u009b2J\\u202e"))
  }
  export const plugin = Plugin.discovery({
    key: "evil",
    schema: Schema.Struct({}),
    layer: () => Layer.succeed(Discovery.Discovery, { name: "evil\\u001b[2J", looks })
  })`

const configure = (): void => {
  place.install("evil", source)
  const discovery = { evil: { package: "evil" } }
  place.write("gc.json", { cluster: "orders", cookie, transport: { tcp: { host: "127.0.0.1", port: 0 } }, discovery })
}

const lines = (stdout: string): ReadonlyArray<string> => stdout.split("\n").filter((line) => line !== "")

/** What could do more to a terminal than stand there. */
const control = /(?!\n)[\p{Cc}\u202a-\u202e]/u

describe("what a plugin says", () => {
  it.each([["discover"], ["doctor"], ["config", "check"]])(
    "does not get between the JSON of %s",
    async (...command) => {
      configure()
      const { stderr, stdout } = await place.run([...command, "--json"])
      assert.isNotEmpty(lines(stdout))
      for (const line of lines(stdout)) assert.isObject(JSON.parse(line), line)
      assert.match(stderr, /loaded\nand ready\n/)
    }
  )

  it.each(["discover", "doctor", "members"])("cannot rewrite the screen by %s", async (command) => {
    configure()
    const { code, stderr, stdout } = await place.run([command])
    assert.strictEqual(code, 1)
    assert.include(stdout + stderr, "no\\u001b[2J")
    assert.notMatch(stdout + stderr, control)
    assert.lengthOf(stderr.match(/^looked$/gm) ?? [], 1)
  })
})

describe("a full disk behind stdout", () => {
  const redirected = (command: string, env: Readonly<Record<string, string>> = {}) =>
    spawnSync("sh", ["-c", `exec "$0" "$1" ${command} > /dev/full`, process.execPath, bin], {
      cwd: place.folder,
      env: { PATH: process.env["PATH"], HOME: place.home, ...env },
      encoding: "utf8"
    })

  it.skipIf(process.platform !== "linux").each(["keygen", "--help", "start"])(
    "ends %s with 1, and is told",
    (command) => {
      const node = { GC_CLUSTER: "orders", GC_COOKIE: cookie, GC_TRANSPORT_TCP: '{ "host": "127.0.0.1", "port": 0 }' }
      const { status, stderr } = redirected(command, node)
      assert.strictEqual(status, 1, stderr)
      assert.match(stderr, /gcluster: stdout cannot be written: ENOSPC/)
    }
  )
})

describe("gcluster config check --json", () => {
  it("prints its object where a package is missing, and where nothing is configured", async () => {
    const nothing = await place.run(["config", "check", "--json"])
    assert.strictEqual(nothing.code, 4)
    assert.deepInclude(JSON.parse(nothing.stdout), { ok: false, problems: [] })
    place.write("gc.json", { cluster: "orders", discovery: { gone: { package: "@orders/gone" } } })
    const missing = await place.run(["config", "check", "--json"])
    assert.strictEqual(missing.code, 5)
    assert.match((JSON.parse(missing.stdout) as { readonly message: string }).message, /npm install @orders\/gone/)
  })
})

const member = (name: string, metadata: Member["metadata"]): Member =>
  ({
    name: name as Member["name"],
    instance: "0".repeat(32),
    generation: 1_769_848_202_184,
    addresses: Array.from({ length: 8 }, (_, port) => ({ protocol: "tcp", host: "h".repeat(200), port, path: "" })),
    metadata,
    state: "alive",
    self: false
  }) as Member

describe("the table of members", () => {
  const escape = "\u001b[2J\u202e"
  const members = Array.from({ length: 200 }, (_, index) =>
    member(`${String(index).padStart(3, "0")}@127.0.0.1`, { big: escape + "m".repeat(4_000) })
  )

  it("has a line for each of 200, which no address or metadata makes wider than the terminal", () => {
    const table = tableOf(members, 180).map(stripVTControlCharacters)
    assert.lengthOf(table, 201)
    for (const line of table) assert.isAtMost(line.length, 180)
    assert.match(
      table.at(-1) ?? "",
      /^199@127\.0\.0\.1 +alive +tcp:.*… +00000000 +2026-\S+ +big=\\u001b\[2J\\u202em+…$/
    )
  })

  it("cuts no metadata where no terminal is", () => {
    assert.include(tableOf(members)[1], `\\u202e${"m".repeat(4_000)}`)
    assert.isAtMost(tableOf(members)[0]?.length ?? 0, 180)
  })
})

describe("a line of watch", () => {
  const record = { event: "down", node: "a@127.0.0.1", instance: "", at: "2026-01-31T08:30:02Z" }

  it("says why in words, those of somebody else without control characters", () => {
    assert.match(lineOf({ ...record, reason: "unseen" }), /unseen: it went while nobody was watched$/)
    assert.match(
      lineOf({ ...record, event: "lost", reason: "it is\u001b[2J gone" }),
      /a@127\.0\.0\.1 {2}it is\\u001b\[2J gone$/
    )
  })
})
