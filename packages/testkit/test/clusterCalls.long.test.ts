import { assert, describe, it } from "@effect/vitest"
import * as Discovery from "@gc/core/Discovery"
import { NameResolver } from "@gc/core/NameResolver"
import * as NodeName from "@gc/core/NodeName"
import * as Peer from "@gc/core/Peer"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { addressOf, allSee, makeWorld, seenBy, told, until } from "./support/world.ts"

const name = (text: string) => NodeName.make(text)

/** What an effect comes to when the clock moves on by so much. */
const after = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>, millis: number) {
  const fiber = yield* Effect.forkChild(effect)
  yield* TestClock.adjust(millis)
  assert.isDefined(fiber.pollUnsafe(), `it is done after ${millis} ms`)
  return yield* Fiber.join(fiber)
})

describe("awaitMembers", () => {
  it.effect("waits for a number of members, self included, or for names", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const a = yield* world.start("a", { peers: ["b", "c"] })
      yield* a.cluster.awaitMembers(1)
      yield* a.cluster.awaitMembers(["a@a"])
      const three = yield* Effect.forkChild(a.cluster.awaitMembers(3))
      const named = yield* Effect.forkChild(a.cluster.awaitMembers(["c@c"]))
      yield* world.start("b")
      yield* TestClock.adjust("1 second")
      assert.isUndefined(three.pollUnsafe())
      assert.isUndefined(named.pollUnsafe())
      yield* world.start("c")
      yield* TestClock.adjust("5 seconds")
      yield* Fiber.join(three)
      yield* Fiber.join(named)
    })
  )

  it.effect("says who is missing when they do not come in time", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const a = yield* world.start("a")
      const error = yield* after(Effect.flip(a.cluster.awaitMembers(["a@a", "z@z"], { timeout: "2 seconds" })), 2_000)
      assert.strictEqual(error.wanted, "z@z")
      assert.deepStrictEqual(error.present, ["a@a"])
      for (const said of ["z@z", "a@a", "diagnose", "longer timeout"]) assert.include(error.message, said)
      const many = yield* after(Effect.flip(a.cluster.awaitMembers(3)), 30_000)
      assert.strictEqual(many.millis, 30_000)
      assert.include(many.message, "3 members")
    })
  )

  it.effect("says so when this node leaves meanwhile", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const a = yield* world.start("a")
      const waiting = yield* Effect.forkChild(Effect.flip(a.cluster.awaitMembers(2)))
      yield* TestClock.adjust("1 second")
      yield* a.cluster.leave
      const error = yield* Fiber.join(waiting)
      assert.isTrue(error.left)
      assert.include(error.message, "this node left")
    })
  )
})

describe("connect", () => {
  it.effect("gives the member, whatever discovery says, and stays", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const a = yield* world.start("a")
      const b = yield* world.start("b")
      const member = yield* after(a.cluster.connect(Peer.fromAddress(addressOf("b"))), 100)
      assert.strictEqual(member.name, "b@b")
      assert.isTrue(yield* allSee([a, b], ["a", "b"]))
      const again = yield* a.cluster.connect(Peer.fromName(name("b@b")))
      assert.strictEqual(again.instance, member.instance, "at once when it is one already")
    })
  )

  it.effect("fails with the reason", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const a = yield* world.start("a")
      yield* world.start("b")
      world.network.transport("idle")
      const why = (peer: Peer.Peer, millis = 1_000) =>
        Effect.map(after(Effect.flip(a.cluster.connect(peer)), millis), (error) => error.reason)
      assert.strictEqual(yield* why(Peer.fromAddress(addressOf("idle"))), "refused")
      assert.strictEqual(yield* why(Peer.fromAddress(addressOf("nowhere"))), "failed")
      assert.strictEqual(yield* why(Peer.fromAddress(addressOf("a"))), "self_connect")
      assert.strictEqual(yield* why(Peer.fromName(name("a@a"))), "self")
      assert.strictEqual(yield* why({ name: name("c@c"), address: addressOf("b") }), "name_mismatch")
      yield* world.network.blackhole(["a", "b"])
      assert.strictEqual(yield* why(Peer.fromAddress(addressOf("b")), 6_000), "failed", "nobody answers")
    })
  )

  it.effect("tries every address of a name, though the first ones are silent", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      world.network.transport("silent")
      yield* world.start("b")
      const resolver = { resolve: () => Effect.succeed([addressOf("silent"), addressOf("nowhere"), addressOf("b")]) }
      const a = yield* world.start("a").pipe(Effect.provideService(NameResolver, resolver))
      yield* world.network.blackhole(["a", "silent"])
      const member = yield* after(a.cluster.connect(Peer.fromName(name("b@b"))), 2_000)
      assert.strictEqual(member.name, "b@b")
    })
  )

  it.effect("does not hang on a node that leaves", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const a = yield* world.start("a")
      yield* world.start("b")
      yield* world.network.blackhole(["a", "b"])
      const waiting = yield* Effect.forkChild(Effect.flip(a.cluster.connect(Peer.fromAddress(addressOf("b")))))
      yield* TestClock.adjust("1 second")
      yield* a.cluster.leave
      assert.strictEqual((yield* Fiber.join(waiting)).reason, "leaving")
      const late = yield* Effect.flip(a.cluster.connect(Peer.fromAddress(addressOf("b"))))
      assert.strictEqual(late.reason, "leaving")
    })
  )
})

describe("disconnect", () => {
  it.effect("parts both, and neither redials until it is asked to", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const nodes = [
        yield* world.start("a", { peers: ["a", "b"] }),
        yield* world.start("b", { peers: ["a", "b"] })
      ] as const
      const [a, b] = nodes
      yield* until("they are linked", allSee(nodes, ["a", "b"]))
      yield* a.cluster.disconnect(name("b@b"))
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(told(a, "b"), ["Up", "Down disconnected"])
      assert.deepStrictEqual(told(b, "a"), ["Up", "Down disconnected"])
      yield* TestClock.adjust("2 minutes")
      assert.deepStrictEqual(yield* seenBy(a), ["a"])
      assert.deepStrictEqual(yield* seenBy(b), ["b"])
      yield* after(b.cluster.connect(Peer.fromName(name("a@a"))), 1_000)
      assert.isTrue(yield* allSee(nodes, ["a", "b"]))
    })
  )

  it.effect("of nobody does nothing", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const a = yield* world.start("a")
      yield* a.cluster.disconnect(name("z@z"))
      yield* a.cluster.disconnect(name("a@a"))
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(told(a, "a"), ["Up"])
    })
  )
})

describe("updateMetadata", () => {
  it.effect("refuses what does not fit", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const a = yield* world.start("a", { metadata: { role: "api" } })
      const key = yield* Effect.flip(a.cluster.updateMetadata({ "a key": "1" }))
      assert.strictEqual(key._tag, "OptionInvalid")
      const long = yield* Effect.flip(a.cluster.updateMetadata({ text: "x".repeat(5_000) }))
      assert.include(long.message, "4096")
      assert.deepStrictEqual({ ...(yield* a.cluster.members)[0]?.metadata }, { role: "api" })
    })
  )
})

describe("leave", () => {
  it.effect("is done once, at once when everybody reads, and comes back from every call", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const nodes = yield* world.startAll(["a", "b", "c"])
      yield* until("the mesh is full", allSee(nodes, ["a", "b", "c"]))
      const [a] = nodes
      yield* Effect.all([a!.cluster.leave, a!.cluster.leave], { concurrency: "unbounded" })
      yield* a!.cluster.leave
      yield* a!.stop
      yield* TestClock.adjust("1 second")
      assert.isTrue(yield* allSee(nodes.slice(1), ["b", "c"]))
    })
  )

  it.effect("ends within five seconds, whatever the others do", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld({ window: 2_000 })
      const nodes = yield* world.startAll(["a", "b"])
      yield* until("they are linked", allSee(nodes, ["a", "b"]))
      const [a] = nodes
      const channel = yield* a!.cluster.openChannel("c")
      yield* world.network.pause("b")
      const sending = yield* Effect.forkChild(channel.send(name("b@b"), new Uint8Array(1_000_000)))
      yield* TestClock.adjust("100 millis")
      yield* after(a!.cluster.leave, 5_000)
      const error = yield* Effect.flip(Fiber.join(sending))
      assert.strictEqual(error.reason._tag, "LinkLost")
      const late = yield* Effect.flip(channel.send(name("b@b"), new Uint8Array(1)))
      assert.strictEqual(late.reason._tag, "NotConnected")
      yield* world.network.resume("b")
    })
  )

  it.effect("is not kept waiting by connections that prove nothing", () =>
    Effect.gen(function* () {
      const world = yield* makeWorld()
      const a = yield* world.start("a")
      const attacker = world.network.transport("attacker")
      yield* Effect.forkScoped(attacker.dial(addressOf("a"), { mode: "plain", psks: [], allowPlaintext: true }))
      yield* TestClock.adjust("10 millis")
      yield* a.cluster.leave
    })
  )

  it.effect("stops a discovery, even one whose finalizer hangs", () =>
    Effect.gen(function* () {
      let stopped = false
      const source = Discovery.make({
        name: "hangs",
        looks: () =>
          Stream.callback<never>(() =>
            Effect.addFinalizer(() =>
              Effect.suspend(() => {
                stopped = true
                return Effect.never
              })
            )
          )
      })
      const world = yield* makeWorld()
      const nodes = [yield* world.start("a", { peers: source }), yield* world.start("b", { peers: ["a"] })] as const
      yield* until("they are linked", allSee(nodes, ["a", "b"]))
      const leaving = yield* Effect.forkChild(nodes[0].cluster.leave)
      yield* TestClock.adjust("100 millis")
      assert.isTrue(stopped)
      assert.deepStrictEqual(told(nodes[1], "a"), ["Up", "Left"], "it says goodbye all the same")
      yield* TestClock.adjust("4900 millis")
      assert.isDefined(leaving.pollUnsafe())
    })
  )
})
