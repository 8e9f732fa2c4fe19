import { checkPlaintext, SecurityFailed, type SecurityMode, Transport, TransportError } from "@gc/core/Transport"
import { SimulatedNetwork } from "@gc/testkit"
import type { TransportCapabilities } from "@gc/testkit/suites"
import { afterAll, assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { within } from "../src/suites/internal/check.ts"
import { transportSections } from "../src/suites/internal/transport/sections.ts"
import { makeSubject } from "../src/suites/internal/transport/subject.ts"
import { chunkTransport, type Faults, rawStream } from "./support/chunkTransport.ts"
import { closeForgotten } from "./support/forgotten.ts"
import type { Mutant } from "./support/mutation.ts"
import { mutants } from "./support/mutants.ts"

type Service = Transport["Service"]

const capabilities: TransportCapabilities.TransportCapabilities = {
  protocols: ["memory"],
  modes: ["plain", "psk"],
  refusal: true,
  remoteHost: "a",
  buffered: 400_000,
  // A hundred of these tests run at once in one process.
  patience: "15 seconds"
}

/** Patience with what is known to be broken. */
const impatient = { patience: "1 second" } as const

const checks = new Map(transportSections.flatMap((section) => section.checks).map((check) => [check.name, check]))

/** How a check ended on this transport; one that does not end at all has failed. */
const outcome = Effect.fnUntraced(function* (
  name: string,
  mode: SecurityMode,
  makeTransport: (memory: Service) => Service,
  more: Partial<TransportCapabilities.TransportCapabilities> = {}
) {
  const network = yield* SimulatedNetwork.make()
  const check = checks.get(name)
  assert(check !== undefined, `there is a check "${name}"`)
  const subject = makeSubject(
    makeTransport(network.transport("a")),
    { ...capabilities, raw: rawStream(network.transport("b")), ...more },
    mode
  )
  const run = Effect.scoped(check.run(subject))
  return yield* Effect.exit(
    within(Duration.seconds(more.patience === undefined ? 20 : 4), name, run.pipe(Effect.catch(Effect.die)))
  )
})

const faults: ReadonlyArray<readonly [mode: SecurityMode, faults: Faults, caughtBy: string]> = [
  ["psk", { handshakesInTurn: true }, "peers that connect and say nothing keep nobody out"],
  [
    "psk",
    { forgetsPending: true },
    "a listener closes in a second though a peer says nothing, and that peer hears of it"
  ],
  ["psk", { breaksWithAPeer: true }, "peers that connect and go away at once break nothing"],
  ["psk", { acceptsFirstKeyOnly: true }, "a listener accepts any of its keys"],
  ["psk", { acceptsAnyKey: true }, "a dialer with a wrong key gets nowhere, and the listener goes on"],
  ["psk", { acceptsAnyIdentity: true }, "a dialer with an unknown identity gets nowhere, and the listener goes on"],
  ["psk", { acceptsPlain: true }, "a dialer in plain mode gets nowhere, and the listener goes on"],
  ["psk", { dialsPlain: true }, "a listener in plain mode is no connection for who wants more"],
  ["psk", { opensWithoutKey: true }, "without a key nothing is opened"],
  ["psk", { oneBindingForAll: true }, "the binding of a channel is known to its two ends and to no other channel"],
  ["plain", { judgesWholeFrames: true }, "a frame that declares too much is refused on its prefix, before its body"],
  ["plain", { skipsEmptyFrames: true }, "a frame of no bytes is malformed, behind those that are well"],
  [
    "plain",
    { countsWholeFrames: true },
    "a frame that comes byte by byte is one frame, and its bytes count as they come"
  ],
  ["plain", { givesPartOfAFrame: true }, "a stream that ends inside a frame ends, and gives no part of it"]
]

/** Nobody accepts at the address that it is given, so that nobody speaks. */
const silentCheck = "a dial to somebody who says nothing ends at once when it is interrupted, and leaves no socket open"

const strangerChecks = [
  "a stranger who dials gets nowhere, and the listener goes on",
  "a stranger who is dialed gets nothing"
]

const plaintextCheck = "a plain dial beyond loopback is refused unless it is allowed"

afterAll(closeForgotten)

const notices = ({ caughtBy, mutate }: Mutant) =>
  Effect.gen(function* () {
    for (const check of caughtBy) {
      const sound = yield* outcome(check, "plain", (memory) => memory)
      assert.isTrue(Exit.isSuccess(sound), `"${check}" passes on a sound transport: ${String(sound)}`)
      const broken = yield* outcome(check, "plain", mutate, impatient)
      assert.isTrue(Exit.isFailure(broken), `"${check}" fails on this one`)
    }
  })

const forgetsSockets = (mutant: Mutant) => mutant.name.startsWith("forgets a socket")

describe("transportSuite", { concurrent: true }, () => {
  for (const mutant of mutants.filter((each) => !forgetsSockets(each))) {
    it.live(`notices a transport that ${mutant.name}`, () => notices(mutant))
  }

  for (const [mode, fault, check] of faults) {
    it.live(`notices a stream transport that ${Object.keys(fault).join()}`, () =>
      Effect.gen(function* () {
        const sound = yield* outcome(check, mode, (memory) => chunkTransport(memory))
        assert.isTrue(Exit.isSuccess(sound), `"${check}" passes on a sound transport: ${String(sound)}`)
        const broken = yield* outcome(check, mode, (memory) => chunkTransport(memory, fault), impatient)
        assert.isTrue(Exit.isFailure(broken), `"${check}" fails on this one`)
      })
    )
  }

  it.live("notices a transport that dials anybody in plain mode", () =>
    Effect.gen(function* () {
      const unanswered = (memory: Service): Service => ({ ...memory, dial: () => Effect.never })
      const careful = (memory: Service): Service => ({
        ...memory,
        dial: (address, security) => Effect.andThen(checkPlaintext("careful", address, security), Effect.never)
      })
      const protocols = { protocols: ["pigeon"] } as const
      assert.isTrue(Exit.isSuccess(yield* outcome(plaintextCheck, "plain", careful, protocols)))
      assert.isTrue(Exit.isFailure(yield* outcome(plaintextCheck, "plain", unanswered, { ...protocols, ...impatient })))
    })
  )

  it.live("notices a transport that waits for who says nothing", () =>
    Effect.gen(function* () {
      const network = yield* SimulatedNetwork.make()
      const silent = Effect.map(
        network.transport("b").listen({ mode: "plain", psks: [], allowPlaintext: true }),
        ({ addresses }) => addresses[0]!
      )
      const patient = (memory: Service): Service => {
        const chunks = chunkTransport(memory)
        return { ...chunks, dial: (address, security) => Effect.uninterruptible(chunks.dial(address, security)) }
      }
      const memory = () => chunkTransport(network.transport("a"))
      const sound = yield* outcome(silentCheck, "psk", memory, { silent })
      assert.isTrue(Exit.isSuccess(sound), String(sound))
      const broken = yield* outcome(silentCheck, "psk", () => patient(network.transport("a")), { silent, ...impatient })
      assert.isTrue(Exit.isFailure(broken))
    })
  )

  for (const check of strangerChecks) {
    it.live(`notices a transport that trusts anybody: ${check}`, () =>
      Effect.gen(function* () {
        const network = yield* SimulatedNetwork.make()
        const memory = network.transport("a")
        const strange = new Set<number>()
        const refused = Effect.fail(
          new TransportError({ transport: "memory", address: "", reason: new SecurityFailed({ detail: "a stranger" }) })
        )
        const careful: Service = {
          ...memory,
          dial: (address, security) => (strange.has(address.port) ? refused : memory.dial(address, security))
        }
        const stranger: Service = {
          ...memory,
          dial: () => refused,
          listen: (security) =>
            Effect.tap(memory.listen(security), ({ addresses }) =>
              Effect.sync(() => addresses.forEach(({ port }) => strange.add(port)))
            )
        }
        const sound = yield* outcome(check, "mtls", () => careful, { stranger: Layer.succeed(Transport, stranger) })
        assert.isTrue(Exit.isSuccess(sound), String(sound))
        const anybody = { stranger: Layer.succeed(Transport, memory), ...impatient }
        assert.isTrue(Exit.isFailure(yield* outcome(check, "mtls", () => memory, anybody)))
      })
    )
  }

  it("has no check that was never seen to fail", () => {
    const seen = [
      ...mutants.flatMap((mutant) => mutant.caughtBy),
      ...faults.map(([, , name]) => name),
      plaintextCheck,
      silentCheck,
      ...strangerChecks
    ]
    assert.deepStrictEqual(
      [...checks.keys()].filter((name) => !seen.includes(name)),
      []
    )
  })
})

// Sockets are counted for the whole process.
describe("transportSuite, and nothing else at the time", () => {
  for (const mutant of mutants.filter(forgetsSockets)) {
    it.live(`notices a transport that ${mutant.name}`, () => notices(mutant))
  }
})
