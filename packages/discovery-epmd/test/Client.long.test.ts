import { assert, describe, it } from "@effect/vitest"
import { Client, Daemon } from "@gc/discovery-epmd"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { codeOf, until } from "./context.ts"
import { entryOf, fakeEpmd } from "./fakeEpmd.ts"
import { freePort, namesAt } from "./processes.ts"

const host = "127.0.0.1"

const reasonOf = <A, R>(asked: Effect.Effect<A, Client.EpmdError, R>) =>
  Effect.map(Effect.flip(asked), ({ reason }) => reason._tag)

describe("a registration", () => {
  it.live("is listed with what it says, until its scope closes", () =>
    Effect.gen(function* () {
      const { port } = yield* Daemon.serve({ port: 0 })
      const scope = yield* Scope.make()
      const extra = Buffer.from([0, 255, 10])
      const node = { name: "näme", port: 40_001, hidden: true, extra }
      const { creation } = yield* Scope.provide(Client.register(node, host, { port }), scope)
      assert.isAbove(creation, 1_600_000_000)
      assert.deepStrictEqual(yield* Client.names(host, { port }), [{ name: "näme", port: 40_001 }])
      const found = Option.getOrThrow(yield* Client.port("näme", host, { port }))
      assert.deepStrictEqual(found, { ...node, protocol: 0, versions: [5, 6] })
      assert.isTrue(Option.isNone(yield* Client.port("NÄME", host, { port })))
      yield* Scope.close(scope, Exit.void)
      yield* until("it is gone", () => Effect.map(namesAt(port), (names) => names === ""))
    })
  )

  it.live("of a taken name is refused, and leaves the first alone", () =>
    Effect.gen(function* () {
      const { port } = yield* Daemon.serve({ port: 0 })
      const first = yield* Client.register({ name: "a", port: 1 }, host, { port })
      const error = yield* Effect.flip(Client.register({ name: "a", port: 2 }, host, { port }))
      assert.strictEqual(error.reason._tag, "NameTaken")
      assert.include(error.message, `epmd at 127.0.0.1:${port}: the name "a" is taken on this epmd`)
      assert.deepStrictEqual(yield* Client.names(host, { port }), [{ name: "a", port: 1 }])
      const lost = yield* Effect.forkChild(first.lost)
      assert.isUndefined(lost.pollUnsafe())
      yield* Fiber.interrupt(lost)
    })
  )

  it.live("is lost when its epmd ends", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { port } = yield* Scope.provide(Daemon.serve({ port: 0 }), scope)
      const { lost } = yield* Client.register({ name: "a", port: 1 }, host, { port })
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual((yield* lost).reason._tag, "Dropped")
    })
  )

  it.live("is new in each life", () =>
    Effect.gen(function* () {
      const { port } = yield* Daemon.serve({ port: 0 })
      const once = Effect.scoped(Client.register({ name: "a", port: 1 }, host, { port }))
      const { creation } = yield* once
      yield* until("it is gone", () => Effect.map(namesAt(port), (names) => names === ""))
      assert.notStrictEqual((yield* once).creation, creation)
    })
  )
})

describe("an epmd", () => {
  it.live("that is not there is unreachable", () =>
    Effect.gen(function* () {
      const port = yield* freePort
      const error = yield* Effect.flip(Client.names(host, { port }))
      assert.strictEqual(codeOf(error), "Unreachable ECONNREFUSED")
      assert.include(error.message, `epmd at 127.0.0.1:${port}: nobody listens there`)
    })
  )

  it.live("that says nothing is no answer, in time", () =>
    Effect.gen(function* () {
      const epmd = yield* fakeEpmd
      epmd.answer = () => undefined
      const options = { port: epmd.port, timeout: "50 millis" } as const
      assert.strictEqual(yield* reasonOf(Client.names(host, options)), "NoAnswer")
      assert.strictEqual(yield* reasonOf(Client.port("a", host, options)), "NoAnswer")
      assert.strictEqual(yield* reasonOf(Client.register({ name: "a", port: 1 }, host, options)), "NoAnswer")
    })
  )

  it.live("that answers half is dropped, or malformed; never an empty list, never nobody", () =>
    Effect.gen(function* () {
      const epmd = yield* fakeEpmd
      const options = { port: epmd.port }
      const answers = [
        ["", "Dropped", "Dropped", "Dropped"],
        ["00", "Malformed", "Malformed", "Malformed"],
        ["000011116e616d65206120617420706f", "Malformed", "Malformed", "Malformed"],
        [Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n").toString("hex"), "Malformed", "Malformed", "Malformed"],
        ["77", "Malformed", "Malformed", "Malformed"],
        ["7700", "Malformed", "Malformed", "Malformed"],
        ["7600", "Malformed", "Malformed", "Dropped"]
      ] as const
      for (const [bytes, names, port, register] of answers) {
        epmd.answer = () => Buffer.from(bytes, "hex")
        assert.strictEqual(yield* reasonOf(Client.names(host, options)), names, `names ${bytes}`)
        assert.strictEqual(yield* reasonOf(Client.port("a", host, options)), port, `port ${bytes}`)
        const registering = Client.register({ name: "a", port: 1 }, host, options)
        assert.strictEqual(yield* reasonOf(registering), register, `register ${bytes}`)
      }
    })
  )

  it.live("that lists more names than are believed fails the listing whole", () =>
    Effect.gen(function* () {
      const epmd = yield* fakeEpmd
      epmd.listed = Array.from({ length: Client.maxNames }, (_, index) => entryOf(`n${index}`, 1))
      assert.lengthOf(yield* Client.names(host, { port: epmd.port }), Client.maxNames)
      epmd.listed = [...epmd.listed, entryOf("more", 1)]
      assert.strictEqual(yield* reasonOf(Client.names(host, { port: epmd.port })), "Malformed")
    })
  )

  it.live("that never stops answering is cut", () =>
    Effect.gen(function* () {
      const epmd = yield* fakeEpmd
      epmd.answer = () => Buffer.alloc(8_000_000, 110)
      assert.strictEqual(yield* reasonOf(Client.names(host, { port: epmd.port })), "Malformed")
      assert.strictEqual(yield* reasonOf(Client.port("a", host, { port: epmd.port })), "Malformed")
    })
  )
})
