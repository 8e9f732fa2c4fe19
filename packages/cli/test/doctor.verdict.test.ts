import * as Discovery from "@gc/core/Discovery"
import * as NodeName from "@gc/core/NodeName"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { assert, describe, it } from "vitest"
import { lookAtAll } from "../src/internal/doctor/sources.ts"
import { verdictOn } from "../src/internal/doctor/verdict.ts"
import { run } from "./doctor/setUp.ts"

const context: Discovery.DiscoveryContext = {
  self: { cluster: "orders", name: NodeName.make("a@rosa"), instance: "00".repeat(16), generation: 1, addresses: [] },
  key: () => Option.none(),
  keys: () => [],
  announce: false
}

/** What doctor says of a source that fails in this way. */
const verdict = (reason: Discovery.DiscoveryReason, key = "registry") =>
  run(
    Effect.gen(function* () {
      const source = Discovery.poll({ name: key, lookup: () => Effect.fail(reason) })
      const layer = Layer.succeed(Discovery.Discovery, source)
      const discoveries = [{ key, settings: {}, layer }]
      const seen = yield* lookAtAll({ discoveries, context, listenFor: Duration.millis(50), tell: () => Effect.void })
      return verdictOn({ discoveries }, seen[0]!)
    })
  )

const failing = (detail: string, code?: string) =>
  new Discovery.LookFailed({ detail, ...(code !== undefined && { code }) })

describe("doctor, of a source that fails,", () => {
  it.each(["SERVFAIL", "no answer from rosa", "made with another cookie", "no multicast", "nobody listens: epmd"])(
    "reads nothing into its text (%s)",
    async (detail) => {
      for (const key of ["registry", "dns", "epmd"]) {
        const { reason, status } = await verdict(failing(detail), key)
        assert.deepStrictEqual([status, reason], ["failed", "source_failed"])
      }
    }
  )

  it("says the source's own word, and its text", async () => {
    const said = await verdict(failing("the shelf is gone", "no_shelf"))
    assert.deepInclude(said, { status: "failed", reason: "no_shelf", detail: "the shelf is gone" })
    assert.strictEqual(said.remedy, "see its message")
  })

  it("knows what to do about the words of gc's own sources", async () => {
    assert.match((await verdict(failing("?", "servfail"))).remedy ?? "", /log of that name server/)
    assert.match((await verdict(failing("?", "wrong_cookie"), "gossip")).remedy ?? "", /same cookie/)
    assert.match((await verdict(failing("?", "no_answer"), "dns")).remedy ?? "", /let DNS through/)
    assert.strictEqual((await verdict(failing("?", "no_answer"))).remedy, "see its message")
    const heard = await verdict(failing("?", "nobody_heard"), "gossip")
    assert.deepStrictEqual([heard.status, heard.reason], ["warning", "nobody_heard"])
  })
})
