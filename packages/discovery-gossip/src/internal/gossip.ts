import type { DiscoveryError, Look } from "@gc/core/Discovery"
import type { LocalNode } from "@gc/core/LocalNode"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Queue from "effect/Queue"
import * as Random from "effect/Random"
import * as Stream from "effect/Stream"
import type { Format } from "./format.ts"
import { Hearing } from "./hearing.ts"
import { noNetwork } from "./hints.ts"
import { Journal } from "./journal.ts"
import type { RunSettings } from "./settings.ts"
import type { MakeWire, Wire } from "./wire.ts"

/** Changes that come together are one look. */
const together = 10

/** Newcomers that come together get one answer. */
const answerEvery = 50

/** Interfaces are looked at this often; a network that is not there first after 250 ms, then less and less often. */
const scanEvery = 3_000
const firstPause = 250

/** A process that is late by more than this stood still. */
const stall = 1_000

/** Ways out whose failure is remembered. */
const maxUnsent = 64

/** Until the next look at interfaces: short after a failure. */
const pauseAfter = (failures: number): Effect.Effect<void> =>
  Effect.flatMap(Random.next, (chance) => {
    const full = failures === 0 ? scanEvery : Math.min(scanEvery, firstPause * 2 ** (failures - 1))
    return Effect.sleep(full * (0.8 + chance * 0.4))
  })

/** The looks of one run: it announces the node as long as the stream runs, if it is to. @internal */
export const gossip = (
  settings: RunSettings,
  self: LocalNode,
  format: Format,
  makeWire: MakeWire
): Stream.Stream<Look, DiscoveryError> =>
  Stream.callback<Look, DiscoveryError>(
    Effect.fnUntraced(function* (looks) {
      const clock = yield* Clock.Clock
      const wall = () => clock.currentTimeMillisUnsafe()
      const now = () => Number(clock.monotonicTimeNanosUnsafe() / 1_000n) / 1_000
      const journal = new Journal(yield* Effect.context<never>(), self)
      const changed = yield* Latch.make(false)
      const newcomer = yield* Latch.make(false)
      const unsent = new Map<string, string>()
      const hearing = new Hearing(
        settings,
        format,
        journal,
        { wall, now },
        {
          changed: () => void changed.openUnsafe(),
          newcomer: () => void newcomer.openUnsafe(),
          failed: (look) => void Queue.offerUnsafe(looks, look)
        }
      )
      let broken = Deferred.makeUnsafe<string>()

      /** In a socket's callback nobody else would see a defect. */
      const seen = (action: () => void): void => {
        try {
          action()
        } catch (defect) {
          Queue.failCauseUnsafe(looks, Cause.die(defect))
        }
      }
      const encode = () => format.encode(wall())
      const beacon = (egress?: string): void => {
        if (settings.announce) wire.send(encode, egress)
      }
      const wire: Wire = makeWire(settings, {
        packet: (bytes, host) => seen(() => hearing.packet(bytes, host)),
        ready: (egress) => seen(() => beacon(egress)),
        sent: (egress) => {
          journal.count("sent")
          unsent.delete(egress)
        },
        failed: (egress, code) => {
          journal.count(`errors ${code}`)
          if (unsent.get(egress) === code) return
          if (unsent.size >= maxUnsent) unsent.clear()
          unsent.set(egress, code)
          journal.warn(`could not send a beacon by ${egress} (${code}); it is tried again`)
        },
        broken: (code) => Deferred.doneUnsafe(broken, Effect.succeed(`the socket broke (${code})`))
      })
      const end = Effect.sync(() => {
        wire.close()
        journal.flush(0)
      })
      yield* Effect.addFinalizer(() => end)

      let missing = ""
      /** Answers whether there is any network. */
      const scan = (): boolean => {
        const { joined, problems } = wire.scan()
        if (joined === 0) hearing.fail(noNetwork(settings, problems))
        const text = problems.slice(0, 8).join(", ")
        const isNews = joined > 0 && text !== missing
        if (isNews) missing = text
        if (isNews && text !== "") journal.warn(`not on every interface (${text}); it is tried again`)
        return joined > 0
      }

      const keepOpen = Effect.gen(function* () {
        let failures = 0
        while (true) {
          broken = Deferred.makeUnsafe<string>()
          let problem: string | undefined = yield* Effect.match(wire.open, {
            onFailure: (detail) => detail,
            onSuccess: () => undefined
          })
          while (problem === undefined) {
            failures = scan() ? 0 : failures + 1
            problem = yield* Effect.raceFirst(Deferred.await(broken), Effect.as(pauseAfter(failures), undefined))
          }
          hearing.fail({ detail: `${problem}; it is tried again`, code: "cannot_listen" })
          wire.close()
          yield* pauseAfter(++failures)
        }
      })

      const beat = Effect.gen(function* () {
        while (true) {
          yield* Effect.sleep(yield* Random.nextBetween(settings.shortest, settings.longest))
          beacon()
        }
      })

      const answer = Effect.gen(function* () {
        while (true) {
          yield* newcomer.await
          newcomer.closeUnsafe()
          beacon()
          yield* Effect.sleep(answerEvery)
        }
      })

      const say = Effect.gen(function* () {
        while (true) {
          yield* changed.await
          yield* Effect.sleep(together)
          changed.closeUnsafe()
          const look = hearing.look()
          if (look !== undefined) Queue.offerUnsafe(looks, look)
        }
      })

      const pass = Effect.gen(function* () {
        const every = Math.max(10, Math.min(settings.announce ? 1_000 : 250, settings.lifetime / 20))
        let at = now()
        while (true) {
          yield* Effect.sleep(every)
          const late = now() - at - every
          at = now()
          if (hearing.pass(late > stall ? late : 0)) hearing.silent([...unsent.values()])
        }
      })

      yield* Effect.all([keepOpen, beat, answer, say, pass], { concurrency: "unbounded", discard: true })
    }),
    { bufferSize: 16, strategy: "sliding" }
  )
