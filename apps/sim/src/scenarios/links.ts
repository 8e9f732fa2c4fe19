import type { Scenario } from "../run.ts"
import { sparse, usual } from "./plans.ts"

const proxy: Scenario = {
  name: "proxy",
  title: "all links of a live node cut at once: back within",
  figures: () => [
    { name: "link back", max: 1_000 },
    { name: "Down", total: 0 },
    { name: "Suspected", total: 0 }
  ],
  plan: usual,
  run: (run) => {
    run.form()
    for (const host of run.pick(run.size > 100 ? 1 : 3)) {
      const { node } = host
      if (node === undefined) continue
      run.now(() => run.world.cutLinks(node))
      run.world.runFor(1)
      const others = run.world.nodes.filter((other) => other !== node)
      const back = run.world.runUntil(() => others.every((other) => run.world.isLinked(node, other)), 10_000, 5)
      run.measure("link back", back)
      run.world.runFor(3_000)
      run.countFalse("Down", "Down")
      run.countFalse("Suspected", "Suspected")
    }
    run.quiet()
  }
}

const stall: Scenario = {
  name: "stall",
  title: "own stall of 30 s: others say one Down and one Up; the stalled node says nothing of them",
  figures: () => [
    { name: "Up after", max: 2_000 },
    { name: "Down by the stalled", total: 0 },
    { name: "Suspected by the stalled", total: 0 },
    { name: "Down of others", total: 0 }
  ],
  plan: usual,
  run: (run) => {
    run.form()
    const [host] = run.pick(1)
    if (host?.node === undefined) return
    const { index, node } = host
    run.now(() => node.pause())
    run.world.runFor(30_000)
    const downs = run.count("Down", ({ subject }) => subject === index)
    run.expect(downs === run.size - 1, `${downs} Down of the stalled node instead of ${run.size - 1}`)
    run.countFalse("Down of others", "Down", new Set([index]))
    run.now(() => node.resume())
    run.world.runFor(10_000)
    const ups = run.measureEvents("Up after", "Up", new Set([index]))
    run.expect(ups === run.size - 1, `${ups} Up of the stalled node instead of ${run.size - 1}`)
    for (const tag of ["Down", "Suspected"] as const) {
      run.measure(
        `${tag} by the stalled`,
        run.count(tag, ({ observer }) => observer === index)
      )
    }
    run.countFalse("Down of others", "Down")
    run.quiet()
  }
}

const blocked: Scenario = {
  name: "blocked",
  title: "event loops blocked for 1 to 5 s, again and again: no Down",
  figures: () => [
    { name: "Down", total: 0 },
    { name: "Suspected", shown: "total" }
  ],
  plan: sparse,
  run: (run) => {
    run.form()
    run.now(() => undefined)
    for (let round = 0; round < 10; round++) {
      const hosts = run.pick(3)
      for (const { node } of hosts) node?.pause()
      run.world.runFor(1_000 + 4_000 * run.world.random.next())
      for (const { node } of hosts) node?.resume()
      run.world.runFor(1_000 + 2_000 * run.world.random.next())
    }
    run.countFalse("Down", "Down")
    run.countFalse("Suspected", "Suspected")
    run.quiet()
  }
}

const oneWay = (name: string, acknowledged: boolean): Scenario => ({
  name,
  title: `one-way link${acknowledged ? "" : ", data still flowing the other way"}: both Unreachable`,
  figures: () => [
    { name: "Unreachable", max: 8_000 },
    { name: "Down", total: 0 }
  ],
  plan: acknowledged ? usual : sparse,
  run: (run) => {
    run.form()
    run.world.network.acknowledged = acknowledged
    const [from, to] = run.pick(2)
    if (from === undefined || to === undefined) return
    run.now(() => run.world.network.cutOneWay(from.index, to.index))
    run.world.runFor(30_000)
    const both = new Set([from.index, to.index])
    const found = run.measureEvents("Unreachable", "Unreachable", both)
    run.expect(found === 2, `${found} Unreachable instead of 2`)
    run.countFalse("Down", "Down")
    run.world.network.heal()
    run.quiet()
    run.expect(run.count("Reachable") === 2, `${run.count("Reachable")} Reachable instead of 2`)
  }
})

const flap: Scenario = {
  name: "flap",
  title: "a node's links cut every 0.2 to 2 s for a minute: no Down",
  figures: () => [
    { name: "Down", total: 0 },
    { name: "Suspected", shown: "total" }
  ],
  plan: sparse,
  run: (run) => {
    run.form()
    const [host] = run.pick(1)
    run.now(() => undefined)
    const end = run.world.now + (run.size > 100 ? 20_000 : 60_000)
    while (run.world.now < end) {
      if (host?.node !== undefined) run.world.cutLinks(host.node)
      run.world.runFor(200 + 1_800 * run.world.random.next())
    }
    run.countFalse("Down", "Down")
    run.countFalse("Suspected", "Suspected")
    run.quiet()
  }
}

/** Half of the mesh has lost the node for good reasons, the other half hears this and waits for a byte of it. */
const listener: Scenario = {
  name: "listener",
  title: "a live node refuses for 8 s, half of its links are cut, the others silent for 4 s: no Down by those",
  figures: () => [
    { name: "Down by the linked", total: 0 },
    { name: "Suspected by the linked", shown: "total" }
  ],
  plan: sparse,
  run: (run) => {
    run.form()
    const [host] = run.pick(1)
    if (host?.node === undefined) return
    const { index, node } = host
    const linked = (other: number): boolean => other % 2 === 0
    run.now(() => {
      node.listening = false
      for (const end of node.openEnds()) if (!linked(end.other.owner.host)) node.cut(end)
      for (let other = 0; other < run.size; other++) if (linked(other)) run.world.network.cut(index, other)
    })
    run.world.runFor(4_000)
    run.world.network.heal()
    run.world.runFor(4_000)
    node.listening = true
    for (const tag of ["Down", "Suspected"] as const) {
      run.measure(
        `${tag} by the linked`,
        run.count(tag, ({ observer, subject }) => subject === index && linked(observer))
      )
    }
    run.quiet()
  }
}

/** Two or more dials at the same instant, from both sides, again and again. */
const duplicates: Scenario = {
  name: "duplicates",
  title: "both sides of many pairs dial at the same instant, again and again: one link a pair, at once",
  figures: () => [
    { name: "link back", max: 1_000 },
    { name: "links given up for nothing", total: 0 },
    { name: "Down", total: 0 },
    { name: "Suspected", total: 0 }
  ],
  plan: sparse,
  run: (run) => {
    run.form()
    run.now(() => undefined)
    for (let round = 0; round < 10; round++) {
      for (const host of run.pick(Math.ceil(run.size / 3))) if (host.node !== undefined) run.world.cutLinks(host.node)
      run.world.runFor(1)
      run.measure(
        "link back",
        run.world.runUntil(() => run.world.isWhole(), 10_000)
      )
      run.world.runFor(2_000 * run.world.random.next())
    }
    run.measure(
      "links given up for nothing",
      run.world.nodes.reduce((sum, { forsaken }) => sum + forsaken, 0)
    )
    run.countFalse("Down", "Down")
    run.countFalse("Suspected", "Suspected")
    run.quiet()
  }
}

const twin = (name: string, clockOffset: number): Scenario => ({
  name,
  title: `a second live node with the name of another${clockOffset < 0 ? " and an older clock" : ""}: the incumbent stays`,
  figures: () => [
    { name: "Down", total: 0 },
    { name: "Up of the twin", total: 0 }
  ],
  plan: sparse,
  run: (run) => {
    run.form()
    const [host, other] = run.pick(2)
    if (host?.node === undefined || other === undefined) return
    const { instance } = host.node.state.self
    run.world.kill(other)
    run.world.runFor(3_000)
    run.now(() => {
      other.clockOffset = clockOffset
      run.world.startTwin(other, host)
    })
    run.world.runFor(60_000)
    run.measure(
      "Down",
      run.count("Down", (event) => event.instance === instance)
    )
    run.expect(run.count("NameConflict") > 0, "nobody said NameConflict")
    const admitted = run.count("Up", (event) => event.subject === host.index && event.instance !== instance)
    run.measure("Up of the twin", admitted)
    run.world.kill(other)
    run.world.start(other)
    run.quiet()
  }
})

export const links: ReadonlyArray<Scenario> = [
  proxy,
  stall,
  blocked,
  oneWay("one-way", true),
  oneWay("one-way-open", false),
  flap,
  listener,
  duplicates,
  twin("twin", 0),
  twin("twin-clock", -3_600_000)
]
