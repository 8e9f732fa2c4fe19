import type { Run, Scenario } from "../run.ts"
import { tabled, usual } from "./plans.ts"

const survivors = (run: Run, dead: number): number => run.size - dead

/** Every survivor says that each of the dead is down, once, and says it of nobody else. */
const expectDeaths = (run: Run, dead: ReadonlySet<number>): void => {
  const found = run.measureEvents("Down", "Down", dead)
  const due = survivors(run, dead.size) * dead.size
  run.expect(found === due, `${found} Down instead of ${due}`)
  run.countFalse("false Down", "Down", dead)
}

const kill: Scenario = {
  name: "kill",
  title: "SIGKILL: every survivor's Down",
  figures: () => [
    { name: "Down", p50: 50, p99: 1_000 },
    { name: "false Down", total: 0 },
    { name: "Suspected", total: 0 }
  ],
  plan: usual,
  run: (run) => {
    run.form()
    for (const host of run.pick(run.size > 100 ? 1 : 4)) {
      run.now(() => run.world.kill(host))
      run.world.runFor(2_000)
      expectDeaths(run, new Set([host.index]))
      run.countFalse("Suspected", "Suspected")
      run.world.start(host)
      run.quiet()
    }
  }
}

const silent = (name: string, loss: number, bound: number, plan: Scenario["plan"]): Scenario => ({
  name,
  title: `silent death (blackhole) under ${loss * 100} % loss: every survivor's Down`,
  figures: () => [
    { name: "Down", p99: bound },
    { name: "false Down", ...(loss > 0.05 ? { shown: "total" } : { total: 0 }) }
  ],
  plan,
  run: (run) => {
    run.form()
    run.world.network.loss = loss
    run.world.runFor(5_000)
    const [victim] = run.pick(1)
    if (victim === undefined) return
    run.now(() => {
      run.world.network.blackhole(victim.index)
      run.world.kill(victim)
    })
    run.world.runFor(20_000)
    const dead = new Set([victim.index])
    const found = run.measureEvents("Down", "Down", dead)
    run.expect(found >= run.size - 1, `${found} Down instead of ${run.size - 1}`)
    run.countFalse("false Down", "Down", dead)
    run.world.network.loss = 0
    run.world.network.open(victim.index)
    run.world.start(victim)
    run.quiet()
  }
})

const stopped: Scenario = {
  name: "stopped",
  title: "silent death (SIGSTOP): every survivor's Down",
  figures: () => [
    { name: "Down", p99: 6_600 },
    { name: "false Down", total: 0 }
  ],
  plan: tabled,
  run: (run) => {
    run.form()
    const [victim] = run.pick(1)
    if (victim?.node === undefined) return
    const { node } = victim
    run.now(() => node.pause())
    run.world.runFor(15_000)
    expectDeaths(run, new Set([victim.index]))
    run.world.kill(victim)
    run.world.start(victim)
    run.quiet()
  }
}

const crash: Scenario = {
  name: "crash",
  title: "30 % of the machines crash at once",
  figures: () => [
    { name: "Down", p99: 6_600 },
    { name: "false Down", total: 0 }
  ],
  plan: tabled,
  run: (run) => {
    run.form()
    const victims = run.pick(Math.round(run.size * 0.3))
    run.now(() => {
      for (const victim of victims) {
        run.world.network.blackhole(victim.index)
        run.world.kill(victim)
      }
    })
    run.world.runFor(12_000)
    expectDeaths(run, new Set(victims.map(({ index }) => index)))
    run.world.network.heal()
    for (const victim of victims) run.world.start(victim)
    run.quiet()
  }
}

const leave: Scenario = {
  name: "leave",
  title: "graceful leave: Left everywhere",
  figures: () => [
    { name: "Left", p99: 250 },
    { name: "Suspected", total: 0 },
    { name: "Down", total: 0 }
  ],
  plan: usual,
  run: (run) => {
    run.form()
    for (const host of run.pick(run.size > 100 ? 1 : 3)) {
      run.now(() => run.world.leave(host))
      run.world.runFor(5_000)
      const found = run.measureEvents("Left", "Left", new Set([host.index]))
      run.expect(found === run.size - 1, `${found} Left instead of ${run.size - 1}`)
      run.countFalse("Suspected", "Suspected")
      run.countFalse("Down", "Down")
      run.world.start(host)
      run.quiet()
    }
  }
}

export const deaths: ReadonlyArray<Scenario> = [
  kill,
  silent("silent", 0, 6_600, usual),
  silent("silent-loss1", 0.01, 6_600, tabled),
  silent("silent-loss5", 0.05, 7_000, tabled),
  silent("silent-loss20", 0.2, 10_000, tabled),
  stopped,
  crash,
  leave
]
