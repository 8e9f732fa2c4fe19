import { existsSync, statSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { afterEach, assert, beforeEach, describe, it } from "vitest"
import { forgetfulEpmd } from "./support/forgetfulEpmd.ts"
import { patience, Place, type Program } from "./support/program.ts"

let place: Place
beforeEach(async () => {
  place = await Place.make()
})
afterEach(() => place.close())

const fine = async (program: Program) => {
  const { code, signal, stderr } = await program.ended
  assert.deepStrictEqual({ code, signal }, { code: 0, signal: null }, stderr)
}

describe("gcluster try", { timeout: 2 * patience }, () => {
  it("lets two processes find each other, talk both ways and say goodbye", async () => {
    const a = place.start(["try"])
    await a.said('a@127.0.0.1 is in the cluster "dev"')
    await a.until("the hint", () => a.stderr.includes("In a second terminal: gcluster try"))
    const cookie = join(place.home, ".gc.cookie")
    assert.isTrue(existsSync(cookie))
    assert.strictEqual(statSync(cookie).mode & 0o777, 0o600)

    const b = place.start(["try"])
    await Promise.all([a.said("b@127.0.0.1 is here"), b.said("a@127.0.0.1 is here")])
    a.type("hello from a")
    await b.said("a> hello from a")
    b.type("hello\tfrom b \u001b[2J")
    await a.said("b> hello\\u0009from b \\u001b[2J")

    b.child.stdin.end()
    await fine(b)
    await a.said("b@127.0.0.1 has left")
    a.signal("SIGINT")
    await fine(a)
    assert.include(a.stdout, "a@127.0.0.1 has left")
  })

  it("prints JSON, messages too", async () => {
    const a = place.start(["try", "rosa", "--json"])
    const started = await a.event("started", "rosa@127.0.0.1")
    assert.strictEqual(started["cluster"], "dev")
    const b = place.start(["try", "hugo", "--json"])
    const up = await a.event("up", "hugo@127.0.0.1")
    b.type("good morning")
    const message = await a.event("message", "hugo@127.0.0.1")
    assert.deepInclude(message, { text: "good morning", instance: up["instance"] })
    b.signal("SIGTERM")
    await fine(b)
    await a.event("left", "hugo@127.0.0.1")
    assert.deepStrictEqual(
      b.events.filter(({ node }) => node === "hugo@127.0.0.1").map(({ event }) => event),
      ["started", "up", "leaving", "left"]
    )
  })

  it("keeps what comes from a pipe until somebody is there, and leaves at its end", async () => {
    const a = place.start(["try"])
    a.child.stdin.end(`hello\n${"x".repeat(20_000)}\nlast words`)
    await a.said("is in the cluster")
    const b = place.start(["try"])
    await b.said("a> last words")
    await fine(a)
    assert.include(b.stdout, `a> hello\na> ${"x".repeat(16_384)}\na> ${"x".repeat(3616)}\na> last words\n`)
  })

  it("says that a name is taken", async () => {
    await place.start(["try", "rosa"]).said("is in the cluster")
    const second = await place.run(["try", "rosa"])
    assert.strictEqual(second.code, 1)
    assert.include(second.stderr, "the name rosa is taken on this machine")
    assert.strictEqual(second.stdout, "")
  })

  it("gives each of several that start at once a name of its own", async () => {
    const programs = Array.from({ length: 3 }, () => place.start(["try", "--json"]))
    for (const program of programs) {
      await program.until("two others", () => {
        const up = program.events.filter(({ event }) => event === "up").map(({ node }) => node)
        return up.length >= 3 && new Set(up).size === up.length
      })
    }
    const names = programs.map((program) => program.events.find(({ event }) => event === "started")?.node)
    assert.strictEqual(new Set(names).size, 3, String(names))
  })

  it("takes another name when somebody else registers the first one in between, and says so of a name that was asked for", async () => {
    for (const asked of [[], ["a"]]) {
      const epmd = await forgetfulEpmd("a")
      const program = place.start(["try", ...asked], { ERL_EPMD_PORT: String(epmd.port) })
      if (asked.length === 0) {
        await program.said('b@127.0.0.1 is in the cluster "dev"')
        program.signal("SIGTERM")
        await fine(program)
      } else {
        const { code, stderr, stdout } = await program.ended
        assert.deepStrictEqual({ code, stdout }, { code: 1, stdout: "" })
        assert.include(stderr, "the name a is taken on this machine")
      }
      await epmd.close()
    }
  })

  it("tells of one that was killed", async () => {
    const a = place.start(["try"])
    await a.said("is in the cluster")
    const b = place.start(["try"])
    await a.said("b@127.0.0.1 is here")
    b.signal("SIGKILL")
    await a.said("b@127.0.0.1 is down: it ended without a word")
  })

  it("starts where something that is no epmd has its port, and says so", async () => {
    const server = createServer((socket) => socket.on("error", () => {}).end("who are you?"))
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const { port } = server.address() as { port: number }
    const a = place.start(["try"], { ERL_EPMD_PORT: String(port) })
    await a.until("the reason", () => a.stderr.includes(`epmd at 127.0.0.1:${port}`))
    a.signal("SIGTERM")
    await fine(a)
    server.close()
  })
})
