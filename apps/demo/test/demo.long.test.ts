import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Report } from "../src/messages.ts"
import { Observations } from "../src/observations.ts"
import { stepNames } from "../src/steps.ts"
import { nodeNames } from "../src/story.ts"
import { summarize } from "../src/summary.ts"
import { listeners, nothingLeft, read } from "./support/output.ts"
import { runDemo } from "./support/runningDemo.ts"

const timeout = 25_000
const nodes = nodeNames(3)

describe("the demo", () => {
  it.live(
    "shows every step to every node, and leaves nothing behind",
    () =>
      Effect.gen(function* () {
        const ended = yield* runDemo("--json")
        const { reports, summary } = read(ended)
        assert.strictEqual(ended.err, "")
        assert.strictEqual(ended.code, 0, JSON.stringify(summary))

        const first = new Map(
          listeners(reports)
            .toReversed()
            .map((report) => [report.node, report.instance])
        )
        const [n1, n2, n3] = nodes as [string, string, string]
        const saw = (event: Report["event"], node: string, peer: string, peerInstance: string | undefined) =>
          reports.some(
            (each) =>
              each.event === event &&
              each.node === node &&
              "peerInstance" in each &&
              each.peer === peer &&
              each.peerInstance === peerInstance
          )
        for (const node of nodes) {
          for (const peer of nodes) {
            if (node === peer) continue
            assert.isTrue(saw("up", node, peer, first.get(peer)), `${node} sees ${peer}`)
            const heard = reports.filter((each) => each.event === "heard" && each.node === node && each.peer === peer)
            assert.lengthOf(heard, 1)
          }
        }
        const returned = listeners(reports).findLast(({ node }) => node === n2)
        assert.notStrictEqual(returned?.instance, first.get(n2))
        for (const survivor of [n1, n3]) {
          assert.isTrue(saw("down", survivor, n2, first.get(n2)), `${survivor} notices the kill`)
          assert.isTrue(saw("up", survivor, n2, returned?.instance), `${survivor} sees the return`)
        }
        for (const stayer of [n1, n2]) {
          assert.isTrue(saw("left", stayer, n3, first.get(n3)), `${stayer} sees the leave`)
          assert.isFalse(saw("down", stayer, n3, first.get(n3)), `${stayer} takes no leave for a death`)
        }

        const observations = new Observations()
        for (const report of reports) observations.add(report)
        assert.deepStrictEqual(JSON.parse(JSON.stringify(summarize(observations, nodes, []))), summary)
        assert.isTrue(stepNames.every((step) => summary.steps[step].millis !== undefined))
        yield* nothingLeft(reports)
      }),
    timeout
  )

  it.live(
    "explains itself",
    () =>
      Effect.gen(function* () {
        const { code, err, out } = yield* runDemo("--help")
        assert.deepStrictEqual({ code, err }, { code: 0, err: "" })
        for (const option of ["--nodes", "--json", "--help"]) assert.include(out, option)
      }),
    timeout
  )

  it.live(
    "refuses a bad option in one line",
    () =>
      Effect.gen(function* () {
        const { code, err, out } = yield* runDemo("--nodes", "300")
        assert.deepStrictEqual({ code, out }, { code: 2, out: "" })
        assert.strictEqual(
          err,
          "demo: --nodes is 300, expected a whole number from 2 to 30 (--help explains the options)\n"
        )
      }),
    timeout
  )
})
