import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { until } from "./context.ts"
import { end, freePort, namesAt, startNode } from "./processes.ts"

const letters = "a b c d e f g h i j".split(" ")

const serves = (output: string): number => output.split("this node serves as one").length - 1

describe("ten processes where no epmd is", () => {
  it.live("start at once, and one of them serves all; when it ends, one of the rest does within 5 s", () =>
    Effect.gen(function* () {
      const port = yield* freePort
      const nodes = yield* Effect.forEach(letters, (name, index) => startNode(name, port, 5_001 + index), {
        concurrency: 5
      })
      yield* Effect.forEach(nodes, ({ go }) => go, { concurrency: "unbounded" })
      yield* until("all are registered", () => Effect.map(namesAt(port), (names) => names === letters.join(" ")))
      yield* until("everybody finds everybody", () =>
        nodes.every(({ output }) => output().trimEnd().split("\n").at(-1)?.split(", ").length === letters.length - 1)
      )
      let left = nodes
      for (const signal of ["SIGKILL", "SIGTERM", "SIGKILL"] as const) {
        const holders = left.filter(({ output }) => serves(output()) > 0)
        assert.lengthOf(holders, 1, "one serves")
        const [holder] = holders
        yield* end(holder!.child, signal)
        const killed = yield* Clock.currentTimeMillis
        left = left.filter((node) => node !== holder)
        const expected = left.map(({ name }) => name).join(" ")
        yield* until("the rest is registered again", () => Effect.map(namesAt(port), (names) => names === expected))
        const took = (yield* Clock.currentTimeMillis) - killed
        yield* Effect.logInfo(`registered again after ${took} ms`)
        assert.isBelow(took, 5_000)
      }
      for (const { name, output } of left) {
        // While the new daemon filled up, nobody was taken for gone but those that ended.
        const sets = output()
          .split("\n")
          .filter((line) => line.startsWith("look ") && !line.startsWith("look failed"))
        const full = sets.findIndex((line) => line.split(", ").length === letters.length - 1)
        for (const line of sets.slice(full)) {
          const missing = left.filter((node) => node.name !== name && !line.includes(`${node.name}@`))
          assert.deepStrictEqual(
            missing.map((node) => node.name),
            [],
            `${name}: ${line}`
          )
        }
      }
    })
  )
})

describe("a process that serves and is stopped", () => {
  it.live("makes looks fail, and takes nobody away; when it goes on all is as it was", () =>
    Effect.gen(function* () {
      const port = yield* freePort
      const a = yield* startNode("a", port, 5_001, "300 millis")
      yield* a.go
      yield* until("a is registered", () => Effect.map(namesAt(port), (names) => names === "a"))
      const b = yield* startNode("b", port, 5_002, "300 millis")
      yield* b.go
      const found = "look a@127.0.0.1 at tcp://127.0.0.1:5001"
      const last = () => b.output().trimEnd().split("\n").at(-1) ?? ""
      yield* until("b finds a", () => last() === found)
      const said = b.output().length
      a.child.kill("SIGSTOP")
      yield* until("looks fail", () => last().startsWith("look failed"))
      a.child.kill("SIGCONT")
      yield* until("b finds a again", () => last() === found)
      for (const line of b.output().slice(said).trimEnd().split("\n")) {
        assert.isTrue(line === found || line.startsWith("look failed"), line)
      }
    })
  )
})
