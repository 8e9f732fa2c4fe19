import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { nodeNames } from "../src/story.ts"
import { nothingLeft, read } from "./support/output.ts"
import { runDemo } from "./support/runningDemo.ts"

const timeout = 25_000
const nodes = nodeNames(3)

describe.concurrent("the demo", () => {
  for (const fault of ["cookie", "peer"]) {
    it.live(
      `fails when a node is told a wrong ${fault}`,
      () =>
        Effect.gen(function* () {
          const ended = yield* runDemo("--json", "--fault", fault, "--within", "6")
          const { reports, summary } = read(ended)
          assert.strictEqual(ended.code, 1)
          assert.isFalse(summary.ok)
          const missing = summary.steps.mesh.missing?.map(({ node, peer }) => [node, peer].join())
          const [n1, n2, n3] = nodes
          assert.deepStrictEqual(missing, [`${n1},${n3}`, `${n2},${n3}`, `${n3},${n1}`, `${n3},${n2}`])
          yield* nothingLeft(reports)
        }),
      timeout
    )
  }
})
