import { afterEach, assert, beforeEach, describe, it } from "vitest"
import { cookie, startNodes, told } from "./doctor/clusters.ts"
import { patience, Place } from "./support/program.ts"

let place: Place
beforeEach(async () => {
  place = await Place.make()
})
afterEach(() => place.close())

// Each starts several programs, each of which may take seconds on a machine that is busy.
describe("gcluster watch", { timeout: 2 * patience }, () => {
  it("tells who is in and what happens, moves on when its node goes, and tells only what differs", async () => {
    const { names, programs } = await startNodes(place, "a", "b", "c")
    const before = programs.map(told)
    const watch = place.start(["watch", "--config", "a.json", "--json"])
    // Of several nodes it takes the one that answers first, whichever that is.
    const { node: first } = await watch.until("a node", () => watch.events.find(({ event }) => event === "synced"))
    const watched = names.findIndex((name) => `${name}@127.0.0.1` === first)
    const [asked, goes, stays] = [0, 1, 2].map((step) => {
      const index = (watched + step) % names.length
      return { name: names[index] ?? "", node: `${names[index]}@127.0.0.1`, program: programs[index] }
    })
    assert.ok(asked?.program && goes?.program && stays?.program)
    assert.deepStrictEqual(told(watch).slice(0, 2), [`watching ${first}`, `up ${first}`])
    for (const name of names) await watch.event("up", `${name}@127.0.0.1`)
    assert.deepStrictEqual(programs.map(told), before)

    goes.program.signal("SIGKILL")
    assert.strictEqual((await watch.event("down", goes.node))["reason"], "closed")
    const again = place.start(["start", "--config", `${goes.name}.json`, "--json"])
    await watch.until("a newer life", () => told(watch).filter((each) => each === `up ${goes.node}`).length === 2)
    await again.event("up", stays.node)

    asked.program.signal("SIGKILL")
    await watch.event("lost", first)
    const next = await watch.until("another node", () =>
      watch.events.findLast(({ event, node }) => event === "synced" && node !== first)
    )
    await watch.event("down", first)
    assert.include(watch.stderr, `${first} went: looking for another node`)
    assert.include([goes.node, stays.node], next.node)
    for (const [{ node }, count] of [
      [asked, 1],
      [stays, 1],
      [goes, 2]
    ] as const) {
      assert.lengthOf(
        told(watch).filter((each) => each === `up ${node}`),
        count,
        told(watch).join("\n")
      )
    }
    const seen = told(stays.program)
    watch.signal("SIGINT")
    assert.deepInclude(await watch.ended, { code: 0, signal: null })
    assert.deepStrictEqual(told(stays.program), seen)
  })

  it("tries again until somebody is back, and says so", async () => {
    const { ports, programs } = await startNodes(place, "a")
    const watch = place.start(["watch", "--via", `127.0.0.1:${ports[0]}`, "--cluster", "orders", "--json"], {
      GC_COOKIE: cookie
    })
    await watch.event("synced", "a@127.0.0.1")
    programs[0]?.signal("SIGTERM")
    const { reason } = await watch.event("lost", "a@127.0.0.1")
    assert.strictEqual(reason, "the node left the cluster: watch another one")
    assert.deepStrictEqual(told(watch).slice(-2), ["left a@127.0.0.1", "lost a@127.0.0.1"])
    await watch.until("a word on stderr", () => /trying again in/.test(watch.stderr))
    place.start(["start", "--config", "a.json", "--json"])
    await watch.until("a second time", () => told(watch).filter((each) => each === "up a@127.0.0.1").length === 2)
    watch.signal("SIGTERM")
    assert.strictEqual((await watch.ended).code, 0)
  })

  it("prints for people, and fails where nobody is there at the start", async () => {
    const { programs } = await startNodes(place, "a")
    const watch = place.start(["watch", "--config", "a.json"])
    await watch.until("a line", () => /up +a@127\.0\.0\.1 +tls:.*role=a/.test(watch.stdout))
    watch.signal("SIGINT")
    await watch.ended
    programs[0]?.signal("SIGTERM")
    await programs[0]?.ended
    const outcome = await place.run(["watch", "--config", "a.json"])
    assert.strictEqual(outcome.code, 1)
    assert.match(outcome.stderr, /no node can be reached/)
  })
})
