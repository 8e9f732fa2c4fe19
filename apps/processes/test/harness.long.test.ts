import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import * as Exit from "effect/Exit"
import { readArguments } from "../src/arguments.ts"
import { type Network, makeNetwork, unavailable } from "../src/harness/namespaces.ts"
import { run } from "../src/harness/commands.ts"
import { loopbackFleet } from "../src/scenarios/scenario.ts"
import { quantile, times } from "../src/report/rows.ts"

describe("the harness", () => {
  it.live("leaves no process behind, stopped ones included", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const fleet = yield* Scope.provide(loopbackFleet(3), scope)
      const [frozen, idle] = yield* fleet.prepare(fleet.seats)
      yield* fleet.freeze(frozen!)
      yield* Scope.close(scope, Exit.void)
      assert.isTrue(frozen?.hasEnded)
      assert.isTrue(idle?.hasEnded)
      assert.deepStrictEqual(fleet.problems, [])
    })
  )

  it.live("loses packets in namespaces, and removes them", (context) =>
    Effect.gen(function* () {
      const reason = yield* unavailable
      if (reason !== undefined) return context.skip(reason)
      const scope = yield* Scope.make()
      const network: Network = yield* Scope.provide(makeNetwork(2), scope)
      const [one, other] = network.seats as [(typeof network.seats)[0], (typeof network.seats)[0]]
      const reaches = ping(one.prefix, other.host)
      assert.isTrue(yield* reaches)
      yield* network.oneWay(other, one)
      assert.isFalse(yield* reaches)
      yield* network.heal(one)
      assert.isTrue(yield* reaches)
      const before = yield* run("ip", ["netns", "list"])
      yield* Scope.close(scope, Exit.void)
      const after = yield* run("ip", ["netns", "list"])
      const own = `gc-processes-${process.pid}-`
      assert.include(before, own)
      assert.notInclude(after, own)
    })
  )

  it("takes the smallest sample that such a part does not exceed", () => {
    const samples = Array.from({ length: 200 }, (_, index) => 200 - index)
    assert.deepStrictEqual(
      [0.5, 0.99, 1].map((part) => quantile(samples, part)),
      [100, 198, 200]
    )
    assert.isNaN(quantile([], 0.5))
  })

  it("keeps no bound when a sample is missing", () => {
    assert.isTrue(times("what", [1, 2], 2, { p99: 2 }).ok)
    assert.isFalse(times("what", [1, 2], 2, { p99: 1 }).ok)
    assert.isFalse(times("what", [1, 2], 3, { p99: 2 }).ok)
    assert.isFalse(times("what", [], 0, { p99: 2 }).ok)
  })

  it("reads its command line", () => {
    const asked = readArguments(["--nodes", "5", "--only", "kill,freeze", "--only", "term", "--json"])
    assert.strictEqual(asked._tag, "Run")
    if (asked._tag !== "Run") return
    assert.deepStrictEqual(
      asked.options.chosen.map(({ name }) => name),
      ["kill", "freeze", "term"]
    )
    assert.strictEqual(readArguments(["--help"])._tag, "Help")
    for (const wrong of [["--nodes", "3"], ["--nodes", "x"], ["--only", "nothing"], ["--what"]]) {
      assert.strictEqual(readArguments(wrong)._tag, "Wrong")
    }
  })
})

const ping = ([command = "", ...args]: ReadonlyArray<string>, host: string): Effect.Effect<boolean> =>
  run(command, [...args, process.execPath, "-e", knock(host)]).pipe(
    Effect.as(true),
    Effect.catch(() => Effect.succeed(false))
  )

/** Nobody listens there: a refusal shows that packets come and go. */
const knock = (host: string) => `
  const socket = require("node:net").connect({ host: "${host}", port: 1 })
  socket.on("error", ({ code }) => process.exit(code === "ECONNREFUSED" ? 0 : 1))
  setTimeout(() => process.exit(1), 1500)`
