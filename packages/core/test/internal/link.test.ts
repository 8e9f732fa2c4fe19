import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Link } from "../../src/internal/link.ts"
import type { Connection } from "../../src/Transport.ts"

/** The other end takes nothing and says nothing. */
const stuck: Connection = {
  remote: "memory://stuck:1",
  remoteHost: Option.none(),
  proof: { _tag: "Plain" },
  receive: Effect.never,
  send: () => Effect.never,
  bytesReceived: () => 0,
  limitFrames: () => {}
}

describe("a link", () => {
  it("to a peer that asks and never reads the answers is given up, once", () => {
    const violations: Array<string> = []
    const nothing = () => {}
    const link = new Link(
      1,
      stuck,
      {
        now: () => 0,
        control: nothing,
        message: nothing,
        delivered: nothing,
        stopped: nothing,
        violation: (of, reason) => {
          violations.push(reason)
          of.sendControl({ _tag: "Goaway", reason: "protocol" })
          of.close()
        }
      },
      1_000
    )
    for (let seq = 0; seq < 1_000; seq++) link.sendControl({ _tag: "HeartbeatAck", seq })
    assert.deepStrictEqual(violations, [])
    for (let seq = 0; seq < 100_000; seq++) link.sendControl({ _tag: "HeartbeatAck", seq })
    assert.lengthOf(violations, 1)
    assert.isFalse(link.usable)
  })
})
