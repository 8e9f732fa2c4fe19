import { assert, describe, it } from "@effect/vitest"
import * as Epmd from "@gc/discovery-epmd"
import { Client } from "@gc/discovery-epmd"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { tagOf } from "../src/internal/extra.ts"
import { codeOf, contextOf, run, until } from "./context.ts"
import { entryOf, fakeEpmd } from "./fakeEpmd.ts"
import { freePort } from "./processes.ts"

const address = "tcp://127.0.0.1:5001"
const context = contextOf("a@rosa", [address])
const listening = { ...context, announce: false }

describe("a node that does not announce itself", () => {
  it.live("asks who is there, and registers nowhere", () =>
    Effect.gen(function* () {
      const epmd = yield* fakeEpmd
      epmd.listed = [entryOf("b", 5_002, `gc1 ${tagOf("test")} b@rosa tcp://127.0.0.1:5002`)]
      const source = yield* Epmd.make({ port: epmd.port, hosts: ["127.0.0.1", "localhost"] })
      const looks = yield* run(source, listening)
      yield* until("ten looks", () => looks.length >= 10)
      assert.deepStrictEqual([...new Set(looks)], ["b@rosa at tcp://127.0.0.1:5002"])
      assert.strictEqual(epmd.asked.Alive2, 0)
      yield* run(source, { ...context, announce: true })
      yield* until("one that does is registered", () => epmd.asked.Alive2 === 1)
    })
  )

  it.live("serves no daemon where there is none, and its looks fail", () =>
    Effect.gen(function* () {
      const port = yield* freePort
      const looks = yield* run(yield* Epmd.make({ port }), listening)
      yield* until("five looks", () => looks.length >= 5)
      assert.isTrue(looks.every((look) => look.includes(`epmd at 127.0.0.1:${port}: nobody listens there`)))
      const error = yield* Effect.flip(Client.names("127.0.0.1", { port }))
      assert.strictEqual(codeOf(error), "Unreachable ECONNREFUSED")
    })
  )

  it.live("tells in one word an epmd that is not there from what is none", () =>
    Effect.gen(function* () {
      const codeAt = Effect.fnUntraced(function* (port: number) {
        const look = yield* Stream.runHead((yield* Epmd.make({ port })).looks(listening))
        return Option.isSome(look) && look.value._tag === "Unknown" ? look.value.error.code : undefined
      })
      const epmd = yield* fakeEpmd
      epmd.answer = () => Buffer.from("?")
      assert.strictEqual(yield* codeAt(epmd.port), "epmd_unreachable")
      assert.strictEqual(yield* codeAt(yield* freePort), "epmd_not_running")
    })
  )

  it.live("looks once when the interval is infinite, and ends", () =>
    Effect.gen(function* () {
      const epmd = yield* fakeEpmd
      const source = yield* Epmd.make({ port: epmd.port })
      const looks = yield* run(source, listening, Duration.infinity)
      yield* until("a look", () => looks.length === 1)
      yield* Effect.sleep("100 millis")
      assert.deepStrictEqual(looks, [""])
      assert.strictEqual(epmd.asked.Alive2, 0)
    })
  )
})
