import type { Run, Scenario } from "../run.ts"
import type { Host } from "../world.ts"

type Fault = (run: Run, host: Host, other: Host) => void

/** One thing that goes wrong, and where it ends by itself, when. */
const faults: ReadonlyArray<Fault> = [
  (run, host) => run.world.kill(host),
  (run, host) => {
    if (host.node === undefined) run.world.start(host)
  },
  (run, host) => {
    if (host.node === undefined) run.world.start(host)
  },
  (run, host) => run.world.leave(host),
  (run, host) => {
    if (host.node !== undefined) run.world.cutLinks(host.node)
  },
  (run, host) => {
    const { node } = host
    if (node === undefined || node.paused) return
    node.pause()
    run.world.after(12_000 * run.world.random.next(), () => node.resume())
  },
  (run, host, other) => run.world.network.cut(host.index, other.index),
  (run, host, other) => run.world.network.cutOneWay(host.index, other.index),
  (run, host) => run.world.network.blackhole(host.index),
  (run, host) => run.world.network.open(host.index),
  (run) => run.world.network.heal(),
  (run, host) => run.world.network.partition((each) => (each <= host.index ? 0 : 1)),
  (run) => {
    run.world.network.loss = run.world.random.next() < 0.5 ? 0 : 0.1 * run.world.random.next()
  },
  (run, host, other) => run.world.network.setLoss(host.index, other.index, 0.5),
  (run, host) => {
    if (host.node === undefined) host.clockOffset -= 600_000 * run.world.random.next()
  },
  (run, host) => {
    if (host.node !== undefined) return
    run.world.readdress(host)
    run.world.start(host)
  },
  (run) => {
    const modes = ["whole", "empty", "failing", "half"] as const
    run.world.directory.mode = modes[Math.floor(run.world.random.next() * modes.length)] ?? "whole"
  },
  (_run, host, other) => host.node?.ask({ _tag: "Disconnect", name: other.name }),
  (_run, host, other) => host.node?.ask({ _tag: "Connect", request: 1, peer: { name: other.name } }),
  (_run, host) => host.node?.ask({ _tag: "UpdateMetadata", metadata: { at: String(_run.world.now) } })
]

/** Everything is mended; whoever had been told to part is asked to connect again. */
const mend = (run: Run): void => {
  run.world.network.loss = 0
  run.world.network.heal()
  run.world.directory.mode = "whole"
  for (const host of run.world.hosts) {
    if (host.node?.paused === true) host.node.resume()
    if (host.node === undefined || host.node.state.phase === "leaving") {
      run.world.kill(host)
      run.world.start(host)
    }
  }
  run.world.runFor(1_000)
  for (const { node } of run.world.hosts) {
    for (const { name } of run.world.hosts) {
      if (node !== undefined && name !== node.state.self.name && node.state.targets.get(name)?.held === true) {
        node.ask({ _tag: "Connect", request: 1, peer: { name } })
      }
    }
  }
}

export const chaos: Scenario = {
  name: "chaos",
  title: "a minute of all faults at random, then quiet: every view equals the truth",
  figures: () => [{ name: "whole again", max: 40_000 }],
  plan: {
    short: { 2: 50, 3: 50, 5: 50, 10: 20 },
    default: { 2: 100, 3: 100, 5: 100, 10: 60, 50: 3 },
    long: { 2: 2_000, 3: 2_000, 5: 2_000, 10: 2_000, 50: 20, 200: 1 }
  },
  run: (run) => {
    const { random } = run.world
    run.world.network.latency = random.next() < 0.5 ? 0.25 : 40 * random.next()
    run.world.network.jitter = run.world.network.latency
    run.form()
    const end = run.world.now + 60_000
    while (run.world.now < end) {
      const fault = faults[Math.floor(random.next() * faults.length)]
      const [host, other] = run.pick(2)
      if (fault !== undefined && host !== undefined && other !== undefined) fault(run, host, other)
      run.world.runFor(2_000 * random.next() ** 2)
    }
    mend(run)
    run.measure("whole again", run.quiet())
  }
}
