import type { Run, Scenario } from "../run.ts"
import type { Host } from "../world.ts"
import { sparse } from "./plans.ts"

/** Each host in turn is restarted; from when it listens again until everybody has said Up of the new life. */
const rolling = (run: Run, restart: (host: Host) => void, hosts: ReadonlyArray<Host>): void => {
  run.form()
  for (const host of hosts) {
    run.now(() => restart(host))
    run.since = run.world.now
    run.world.runFor(3_000)
    const instance = host.node?.state.self.instance
    let ups = 0
    for (const event of run.events) {
      if (event.tag !== "Up" || event.subject !== host.index) continue
      run.expect(event.instance === instance, `Up of an old life of ${host.name}`)
      run.measure("Up", event.at - run.since)
      ups++
    }
    run.expect(ups === run.size - 1, `${ups} Up of the new life of ${host.name} instead of ${run.size - 1}`)
    run.measure(
      "Down of others",
      run.count("Down", ({ subject }) => subject !== host.index)
    )
    const downs = run.count("Down", ({ subject }) => subject === host.index)
    const lefts = run.count("Left", ({ subject }) => subject === host.index)
    run.expect(downs + lefts === run.size - 1, `${downs} Down and ${lefts} Left of the old life of ${host.name}`)
  }
  run.quiet()
}

const figures: Scenario["figures"] = () => [
  { name: "Up", max: 1_500 },
  { name: "Down of others", total: 0 }
]

const killed = (run: Run, host: Host, downtime: number): void => {
  run.world.kill(host)
  run.world.runFor(downtime)
}

const plan: Scenario["plan"] = {
  short: { 10: 1 },
  default: { 10: 10, 30: 3, 50: 1 },
  long: { 10: 50, 30: 20, 50: 5 }
}

const restart: Scenario = {
  name: "restart",
  title: "rolling restart by SIGKILL: Down(old), Up(new) after it listens",
  figures,
  plan,
  run: (run) =>
    rolling(
      run,
      (host) => {
        killed(run, host, 300 * run.world.random.next())
        run.world.start(host)
      },
      run.pick(30)
    )
}

const graceful: Scenario = {
  name: "restart-graceful",
  title: "rolling restart by SIGTERM: Left(old), Up(new) after it listens",
  figures,
  plan,
  run: (run) =>
    rolling(
      run,
      (host) => {
        run.world.leave(host)
        run.world.runFor(500 + 300 * run.world.random.next())
        run.world.start(host)
      },
      run.pick(30)
    )
}

const moved: Scenario = {
  name: "restart-moved",
  title: "restarts at a new address",
  figures,
  plan: sparse,
  run: (run) =>
    rolling(
      run,
      (host) => {
        killed(run, host, 300 * run.world.random.next())
        run.world.readdress(host)
        run.world.start(host)
      },
      run.pick(5)
    )
}

const clockBack: Scenario = {
  name: "restart-clock",
  title: "restarts with a clock that went back by an hour",
  figures,
  plan: sparse,
  run: (run) =>
    rolling(
      run,
      (host) => {
        killed(run, host, 300 * run.world.random.next())
        host.clockOffset -= 3_600_000
        run.world.start(host)
      },
      run.pick(5)
    )
}

const unseen: Scenario = {
  name: "restart-unseen",
  title: "a machine that lost power restarts before anybody noticed",
  figures: () => [
    { name: "Up", max: 5_000 },
    { name: "Down of others", total: 0 }
  ],
  plan: sparse,
  run: (run) =>
    rolling(
      run,
      (host) => {
        run.world.network.blackhole(host.index)
        run.world.kill(host)
        run.world.runFor(500 + 1_500 * run.world.random.next())
        run.world.forgetStreams(host)
        run.world.network.open(host.index)
        run.world.start(host)
      },
      run.pick(3)
    )
}

const swap: Scenario = {
  name: "swap",
  title: "two nodes restart at each other's address",
  figures: () => [{ name: "whole again", max: 15_000 }],
  plan: sparse,
  run: (run) => {
    run.form()
    const [a, b] = run.pick(2)
    if (a === undefined || b === undefined) return
    for (let round = 0; round < 2; round++) {
      run.world.kill(a)
      run.world.kill(b)
      run.world.runFor(500)
      run.world.swapAddresses(a, b)
      run.now(() => {
        run.world.start(a)
        run.world.start(b)
      })
      run.measure("whole again", run.quiet())
    }
  }
}

/** A node's second life meets half of the mesh only, and the other half does not notice that the first is over; then a third. */
const threeLives = (name: string, title: string, second: number, third: number): Scenario => ({
  name,
  title,
  figures: () => [{ name: "whole again", max: 30_000 }],
  plan: sparse,
  run: (run) => {
    run.form()
    const [host] = run.pick(1)
    if (host === undefined) return
    for (let other = 0; other < run.size; other += 2) run.world.network.cut(host.index, other)
    run.world.kill(host)
    run.world.runFor(50)
    host.clockOffset = second
    run.world.start(host)
    run.world.runFor(500)
    run.world.kill(host)
    run.world.runFor(50)
    run.world.forgetStreams(host)
    run.world.network.heal()
    host.clockOffset = third
    run.now(() => run.world.start(host))
    run.measure("whole again", run.quiet())
  }
})

const hour = 3_600_000

/** The third life hears of a conflict with the first from one half, and from the other that it is older than the second. */
const clockAhead = threeLives(
  "clock-ahead",
  "half of the mesh met a life whose clock was an hour ahead, to the other half the life before it seems alive",
  hour,
  0
)

/** The third life raises its generation for the half that knows the first, and has to raise it again for the other. */
const clockBehind = threeLives(
  "clock-behind",
  "two lives whose clock is an hour behind, and half of the mesh met the first of them",
  -hour,
  -hour
)

const crashLoop: Scenario = {
  name: "crash-loop",
  title: "a node that dies and starts every second for 30 s: whole again",
  figures: () => [{ name: "whole again", max: 15_000 }],
  plan: sparse,
  run: (run) => {
    run.form()
    const [host] = run.pick(1)
    if (host === undefined) return
    for (let round = 0; round < 30; round++) {
      run.world.kill(host)
      run.world.runFor(500 * run.world.random.next())
      run.world.start(host)
      run.world.runFor(800 * run.world.random.next())
    }
    run.measure("whole again", run.quiet())
  }
}

/** Everybody redials a node that died at the same moment, for a minute: not in step. */
const herd: Scenario = {
  name: "herd",
  title: "redials of a dead node after 30 s, the most in 100 ms",
  figures: (size) => [{ name: "dials in 100 ms", max: Math.max(4, Math.ceil(size / 8)) }],
  plan: { short: { 50: 1 }, default: { 50: 3 }, long: { 50: 20, 200: 2 } },
  run: (run) => {
    run.form()
    const [host] = run.pick(1)
    if (host === undefined) return
    run.now(() => run.world.kill(host))
    run.world.runFor(30_000)
    const dials = () => run.world.nodes.reduce((sum, { state }) => sum + (state.counters.get("dials_refused") ?? 0), 0)
    let most = 0
    for (let window = 0; window < 600; window++) {
      const before = dials()
      run.world.runFor(100)
      most = Math.max(most, dials() - before)
    }
    run.measure("dials in 100 ms", most)
    run.world.start(host)
    run.quiet()
  }
}

export const restarts: ReadonlyArray<Scenario> = [
  restart,
  graceful,
  moved,
  clockBack,
  unseen,
  swap,
  clockAhead,
  clockBehind,
  crashLoop,
  herd
]
