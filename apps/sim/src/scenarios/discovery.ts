import type { Scenario } from "../run.ts"
import type { DiscoveryMode } from "../types.ts"
import { sparse } from "./plans.ts"

const glitch = (mode: DiscoveryMode): Scenario => ({
  name: `discovery-${mode}`,
  title: `discovery answers ${mode} for 40 s, removed peers are disconnected: nobody goes`,
  figures: () => [
    { name: "Down", total: 0 },
    { name: "Removed", total: 0 }
  ],
  node: { onRemoved: "disconnect" },
  plan: sparse,
  run: (run) => {
    run.form()
    run.now(() => {
      run.world.directory.mode = mode
    })
    run.world.runFor(40_000)
    run.countFalse("Down", "Down")
    run.countFalse("Removed", "Removed")
    run.world.directory.mode = "whole"
    run.quiet()
  }
})

const late: Scenario = {
  name: "discovery-late",
  title: "discovery fails while a fifth of the nodes restarts: peer exchange brings them back",
  figures: () => [{ name: "whole again", max: 20_000 }],
  plan: sparse,
  run: (run) => {
    run.form()
    run.world.directory.mode = "failing"
    const hosts = run.pick(Math.max(2, Math.round(run.size / 5)))
    for (const host of hosts) run.world.kill(host)
    run.world.runFor(2_000)
    for (const host of hosts) run.world.start(host)
    run.now(() => undefined)
    run.measure("whole again", run.quiet())
  }
}

const chain: Scenario = {
  name: "discovery-chain",
  title: "discovery tells each node of one other: peer exchange makes the mesh, and again when a third restarts",
  figures: () => [
    { name: "full mesh", max: 10_000 },
    { name: "whole again", max: 20_000 },
    { name: "false Down", total: 0 }
  ],
  plan: {
    short: { 3: 10, 10: 10 },
    default: { 3: 20, 10: 20, 50: 2, 200: 1 },
    long: { 3: 100, 10: 100, 50: 20, 200: 1 }
  },
  run: (run) => {
    run.world.directory.mode = "chain"
    run.now(() => run.world.startAll(1_000))
    run.measure(
      "full mesh",
      run.world.runUntil(() => run.world.isWhole(), 60_000)
    )
    run.countFalse("false Down", "Down")
    run.quiet()
    // The first of a chain is told of nobody: it comes back because the second looks for it.
    const hosts = run.pick(Math.max(1, Math.round(run.size / 3)))
    run.now(() => {
      for (const host of hosts) run.world.kill(host)
    })
    run.world.runFor(2_000)
    for (const host of hosts) run.world.start(host)
    run.measure("whole again", run.quiet())
  }
}

export const discovery: ReadonlyArray<Scenario> = [glitch("empty"), glitch("failing"), glitch("half"), late, chain]
