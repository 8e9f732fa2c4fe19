import type { Run, Scenario } from "../run.ts"
import { sparse } from "./plans.ts"

/** Cuts, waits, heals, and measures when each pair is alive again. */
const healing = (run: Run, cut: () => void, lasts: number): void => {
  run.form()
  run.now(cut)
  run.world.runFor(lasts)
  run.now(() => run.world.network.heal())
  run.quiet()
  for (const event of run.events) {
    if (event.tag === "Up" || event.tag === "Reachable") run.measure("alive again", event.at - run.since)
  }
}

const half: Scenario = {
  name: "half",
  title: "half/half partition of 60 s, healed: all alive again",
  figures: () => [{ name: "alive again", p50: 10_000, p99: 35_000 }],
  plan: {
    short: { 3: 10, 10: 10 },
    default: { 3: 20, 10: 20, 50: 3, 200: 1 },
    long: { 3: 200, 10: 100, 50: 20, 200: 2 }
  },
  run: (run) => {
    const side = new Map(run.pick(run.size).map(({ index }, place) => [index, place % 2]))
    healing(run, () => run.world.network.partition((host) => side.get(host) ?? 0), 60_000)
  }
}

const long: Scenario = {
  name: "half-long",
  title: "half/half partition of 15 minutes, healed: all alive again",
  figures: () => [{ name: "alive again", p50: 10_000, p99: 35_000 }],
  plan: { short: { 4: 3 }, default: { 4: 20, 10: 5 }, long: { 4: 200, 10: 50 } },
  run: (run) => healing(run, () => run.world.network.partition((host) => host % 2), 900_000)
}

const third: Scenario = {
  name: "third",
  title: "a third cut off for 30 s, healed: all alive again",
  figures: () => [{ name: "alive again", p50: 10_000, p99: 35_000 }],
  plan: sparse,
  run: (run) => healing(run, () => run.world.network.partition((host) => (host % 3 === 0 ? 1 : 0)), 30_000)
}

const ring: Scenario = {
  name: "ring",
  title: "a ring (each host reaches its two neighbours only) for 30 s, healed: all alive again",
  figures: () => [
    { name: "alive again", p50: 10_000, p99: 35_000 },
    { name: "Down between neighbours", total: 0 }
  ],
  plan: sparse,
  run: (run) => {
    const { size } = run
    const cut = () => {
      for (let a = 0; a < size; a++) {
        for (let b = 0; b < size; b++) {
          const apart = (a - b + size) % size
          if (apart > 1 && apart < size - 1) run.world.network.cutOneWay(a, b)
        }
      }
    }
    run.form()
    run.now(cut)
    run.world.runFor(30_000)
    const neighbours = run.count("Down", ({ observer, subject }) => {
      const apart = (observer - subject + size) % size
      return apart === 1 || apart === size - 1
    })
    run.measure("Down between neighbours", neighbours)
    run.now(() => run.world.network.heal())
    run.quiet()
    for (const event of run.events) {
      if (event.tag === "Up" || event.tag === "Reachable") run.measure("alive again", event.at - run.since)
    }
  }
}

const oneWayHalf: Scenario = {
  name: "half-one-way",
  title: "one half's packets to the other half lost for 30 s, healed: all alive again",
  figures: () => [{ name: "alive again", p50: 10_000, p99: 35_000 }],
  plan: sparse,
  run: (run) => {
    const cut = () => {
      for (let a = 0; a < run.size; a += 2) {
        for (let b = 1; b < run.size; b += 2) run.world.network.cutOneWay(a, b)
      }
    }
    healing(run, cut, 30_000)
  }
}

const short: Scenario = {
  name: "blink",
  title: "half/half partitions of 1 to 2.5 s, healed: no Down",
  figures: () => [{ name: "Down", total: 0 }],
  plan: sparse,
  run: (run) => {
    run.form()
    run.now(() => undefined)
    for (let round = 0; round < 5; round++) {
      const side = new Map(run.pick(run.size).map(({ index }, place) => [index, place % 2]))
      run.world.network.partition((host) => side.get(host) ?? 0)
      run.world.runFor(1_000 + 1_500 * run.world.random.next())
      run.world.network.heal()
      run.world.runFor(5_000)
    }
    run.countFalse("Down", "Down")
    run.quiet()
  }
}

/** As FoundationDB does it: hosts lose the network one after the other, and get it back in another order. */
const swizzle: Scenario = {
  name: "swizzle",
  title: "hosts lose the network one after the other and get it back in another order: all alive again",
  figures: () => [{ name: "whole again", max: 40_000 }],
  plan: sparse,
  run: (run) => {
    run.form()
    for (let round = 0; round < (run.size > 100 ? 1 : 3); round++) {
      const hosts = run.pick(Math.max(2, run.size >> 2))
      for (const { index } of hosts) {
        run.world.network.blackhole(index)
        run.world.runFor(1_000 * run.world.random.next())
      }
      for (const { index } of [...hosts].toSorted((a, b) => ((a.index * 7) % 11) - ((b.index * 7) % 11))) {
        run.world.network.open(index)
        run.world.runFor(1_000 * run.world.random.next())
      }
      run.measure("whole again", run.quiet())
    }
  }
}

export const partitions: ReadonlyArray<Scenario> = [half, long, third, ring, oneWayHalf, short, swizzle]
