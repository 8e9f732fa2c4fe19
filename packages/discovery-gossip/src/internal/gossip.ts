import * as Discovery from "@gc/core/Discovery"
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
import { silence } from "./hints.ts"
import { Journal } from "./journal.ts"
import { Neighbours, textOf } from "./neighbours.ts"
import type { Settings } from "./settings.ts"
import type { MakeWire } from "./wire.ts"

/** Changes that come together are one look. */
const together = 10

/** Newcomers that come together get one answer. */
const answerEvery = 50

/** Interfaces are looked at this often; a network that is not there first after 250 ms, then less and less often. */
const scanEvery = 3_000
const firstPause = 250

/** A process that is late by more than this stood still. */
const stall = 1_000

/** The least time until a node that hears itself and nobody else says that there is nobody: others may be about to answer. */
const alone = 1_000

/** The looks of one run: it announces the node as long as the stream runs. @internal */
export const gossip = (
  settings: Settings,
  self: LocalNode,
  format: Format,
  makeWire: MakeWire
): Stream.Stream<Discovery.Look, Discovery.DiscoveryError> =>
  Stream.callback<Discovery.Look, Discovery.DiscoveryError>(
    (looks) =>
      Effect.gen(function* () {
        const clock = yield* Clock.Clock
        const journal = new Journal(yield* Effect.context<never>(), self)
        const wall = () => clock.currentTimeMillisUnsafe()
        const now = () => Number(clock.monotonicTimeNanosUnsafe() / 1_000n) / 1_000
        const { capacity } = format
        const neighbours = new Neighbours({ ...settings, capacity }, now())
        const changed = yield* Latch.make(false)
        const newcomer = yield* Latch.make(false)
        let broken = yield* Deferred.make<string>()
        let failing: string | undefined
        let said: string | undefined
        let hearsItself = false
        let since = now()
        let overloaded = false
        const unsent = new Map<string, string>()

        const fail = (detail: string): void => {
          if (failing !== undefined) return
          failing = detail
          const error = new Discovery.DiscoveryError({
            source: "gossip",
            reason: new Discovery.LookFailed({ detail })
          })
          Queue.offerUnsafe(looks, Discovery.unknown(error))
        }

        /** Something of this cluster was heard: what is known is worth saying again. */
        const works = (): void => {
          if (failing === undefined) return
          failing = undefined
          said = undefined
          since = now()
          changed.openUnsafe()
        }

        const take = (bytes: Uint8Array, host: string): void => {
          journal.count("received")
          const heard = format.decode(bytes, host, wall(), now())
          if (heard._tag === "Junk") {
            if (heard.reason === "overload") overloaded = true
            journal.count(`junk ${heard.reason}`)
            if (heard.notice !== undefined) journal.notice(heard.notice)
            return
          }
          if (heard._tag === "Own") {
            journal.count("heard self")
            hearsItself = true
            neighbours.heardSomething(now())
            return works()
          }
          const news = neighbours.heard(heard, now())
          works()
          if (news === "full" || news === "older") return journal.count(`junk ${news}`)
          journal.count("heard peer")
          if (news === "known") return
          changed.openUnsafe()
          if (news === "new" && heard.isAuthentic) newcomer.openUnsafe()
        }

        /** In a socket's callback nobody else would see a defect. */
        const seen = (action: () => void): void => {
          try {
            action()
          } catch (defect) {
            Queue.failCauseUnsafe(looks, Cause.die(defect))
          }
        }

        const wire = makeWire(settings, {
          packet: (bytes, host) => seen(() => take(bytes, host)),
          ready: (egress) => seen(() => wire.send(encode, egress)),
          sent: (egress) => {
            journal.count("sent")
            unsent.delete(egress)
          },
          failed: (egress, code) => {
            journal.count(`errors ${code}`)
            if (unsent.get(egress) === code) return
            unsent.set(egress, code)
            journal.warn(`could not send a beacon by ${egress} (${code}); it is tried again`)
          },
          broken: (code) => Deferred.doneUnsafe(broken, Effect.succeed(`the socket broke (${code})`))
        })
        const encode = () => format.encode(wall())
        yield* Effect.addFinalizer(() =>
          Effect.sync(() => {
            wire.close()
            journal.flush(0)
          })
        )

        const knowsNobody = () => hearsItself && now() - since >= Math.max(alone, settings.longest)

        /** Milliseconds until the next look at interfaces: short after a failure. */
        const pauseAfter = (failures: number) =>
          Effect.map(Random.next, (chance) => {
            const full = failures === 0 ? scanEvery : Math.min(scanEvery, firstPause * 2 ** (failures - 1))
            return full * (0.8 + chance * 0.4)
          })

        const keepOpen = Effect.gen(function* () {
          let failures = 0
          while (true) {
            broken = yield* Deferred.make<string>()
            let problem = yield* Effect.match(wire.open, {
              onFailure: (detail): string | undefined => detail,
              onSuccess: () => undefined
            })
            while (problem === undefined) {
              const { joined, problems } = wire.scan()
              failures = joined > 0 ? 0 : failures + 1
              report(joined, problems)
              const pause = Effect.as(Effect.flatMap(pauseAfter(failures), Effect.sleep), undefined)
              problem = yield* Effect.raceFirst(Deferred.await(broken), pause)
            }
            fail(`${problem}; it is tried again`)
            wire.close()
            yield* Effect.flatMap(pauseAfter(++failures), Effect.sleep)
          }
        })

        let missing = ""
        const report = (joined: number, problems: ReadonlyArray<string>): void => {
          const text = problems.slice(0, 8).join(", ")
          if (joined === 0) {
            const why = text === "" ? "there is no interface" : text
            return fail(`no network for ${settings.target ?? "broadcasts"} yet (${why}); it is tried again`)
          }
          if (text !== missing && text !== "") journal.warn(`not on every interface (${text}); it is tried again`)
          missing = text
        }

        const beat = Effect.gen(function* () {
          while (true) {
            yield* Effect.sleep(yield* Random.nextBetween(settings.shortest, settings.longest))
            wire.send(encode)
          }
        })

        const answer = Effect.gen(function* () {
          while (true) {
            yield* newcomer.await
            newcomer.closeUnsafe()
            wire.send(encode)
            yield* Effect.sleep(answerEvery)
          }
        })

        const say = Effect.gen(function* () {
          while (true) {
            yield* changed.await
            yield* Effect.sleep(together)
            changed.closeUnsafe()
            const peers = neighbours.peers()
            const text = textOf(peers)
            if (failing !== undefined || text === said || (said === undefined && text === "" && !knowsNobody()))
              continue
            said = text
            Queue.offerUnsafe(looks, Discovery.peers(peers))
          }
        })

        const pass = Effect.gen(function* () {
          const every = Math.max(10, Math.min(1_000, settings.lifetime / 20))
          let at = now()
          while (true) {
            yield* Effect.sleep(every)
            const late = now() - at - every
            at = now()
            if (late > stall) neighbours.stalled(late)
            if (overloaded) neighbours.overloaded(now())
            overloaded = false
            const passed = neighbours.pass(now())
            if (passed === "deaf") fail(silence(settings, [...unsent.values()]))
            else if (passed !== "nothing") changed.openUnsafe()
            if (passed === "forgot all") journal.warn(nobody)
            if (said === undefined && knowsNobody()) changed.openUnsafe()
            journal.flush(neighbours.size)
          }
        })

        yield* Effect.all([keepOpen, beat, answer, say, pass], { concurrency: "unbounded", discard: true })
      }),
    { bufferSize: 16, strategy: "sliding" }
  )

const nobody =
  "nobody else is heard any more, only this node itself: all others left, or a switch stopped handing multicast on " +
  "(IGMP snooping without a querier does so after some minutes)"
