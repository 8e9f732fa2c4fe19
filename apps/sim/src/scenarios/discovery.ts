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

export const discovery: ReadonlyArray<Scenario> = [glitch("empty"), glitch("failing"), glitch("half"), late]
