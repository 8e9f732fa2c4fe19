import { assert, describe, it } from "@effect/vitest"
import type * as Discovery from "@gc/core/Discovery"
import * as Dns from "@gc/discovery-dns"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { afterAll } from "vitest"
import { context, type Seen, seen } from "./clients.ts"
import { type Lab, labs, type Zone } from "./lab.ts"
import { freePort } from "./program.ts"
import { table } from "./report.ts"

const zone = (addresses: ReadonlyArray<string>, ttl = 30): Zone => ({
  hosts: { other: ["10.9.9.9"], ...(addresses.length === 0 ? {} : { web: addresses }) },
  ttl
})

const [before, after] = [zone(["10.0.0.1", "10.0.0.2"]), zone(["10.0.0.2", "10.0.0.3"])]
const peers = ({ hosts }: Zone): Seen => (hosts["web"] ?? []).map((host) => `tcp://${host}:4370`)

const lines: Array<ReadonlyArray<string>> = []

const tell = (lab: Lab, what: string, outcome: string, since?: number) =>
  lines.push([lab.name, what, outcome, since === undefined ? "" : (performance.now() - since).toFixed(0)])

/** What a source has said. */
interface Watch {
  readonly all: ReadonlyArray<Discovery.Look>
  /** Suspends until a look from now on is this. */
  readonly until: (expected: Seen) => Effect.Effect<void>
}

const watch = (
  servers: ReadonlyArray<string>,
  options: Omit<Dns.Options, "domain"> = {}
): Effect.Effect<Watch, unknown, Scope.Scope> =>
  Effect.gen(function* () {
    const source = yield* Dns.make({
      domain: "web.shop.test",
      servers,
      refreshInterval: "50 millis",
      lookupTimeout: "3 seconds",
      ...options
    })
    const all: Array<Discovery.Look> = []
    yield* Effect.forkScoped(
      Effect.ignoreCause(
        Stream.runForEach(source.looks(context), (look) => Effect.sync(() => void all.push(look))),
        { log: "Error" }
      )
    )
    const until = (expected: Seen) => {
      const from = all.length
      const said: Effect.Effect<void> = Effect.suspend(() =>
        all.slice(from).some((look) => JSON.stringify(seen(look)) === JSON.stringify(expected))
          ? Effect.void
          : Effect.andThen(Effect.sleep("2 millis"), said)
      )
      return Effect.timeoutOrElse(said, {
        duration: "20 seconds",
        orElse: () => Effect.die(new Error(`${String(expected)} was never seen: ${JSON.stringify(all.slice(-3))}`))
      })
    }
    return { all, until }
  })

const distinct = (all: ReadonlyArray<Discovery.Look>): ReadonlyArray<string> => [
  ...new Set(all.map((look) => JSON.stringify(seen(look))))
]

describe.each(labs)("$name", ({ open }) => {
  for (const ttl of [0, 1, 30]) {
    it.live(`with a time to live of ${ttl} s: a change is seen at the next look, whole`, () =>
      Effect.gen(function* () {
        const lab = yield* open(zone(["10.0.0.1", "10.0.0.2"], ttl))
        const resolver = yield* Dns.Resolver.make({ servers: [lab.address] })
        assert.strictEqual((yield* resolver.resolve("web.shop.test", "A")).ttl, ttl)
        const looking = yield* watch([lab.address])
        yield* looking.until(peers(before))
        const changed = performance.now()
        yield* lab.change(zone(["10.0.0.2", "10.0.0.3"], ttl))
        yield* looking.until(peers(after))
        tell(lab, `records change, TTL ${ttl} s`, "the new set, nothing in between", changed)
        assert.deepStrictEqual(distinct(looking.all), [JSON.stringify(peers(before)), JSON.stringify(peers(after))])
      })
    )
  }

  it.live("with a time to live of 1 s that is respected, a change is seen when that is over", () =>
    Effect.gen(function* () {
      const lab = yield* open(zone(["10.0.0.1", "10.0.0.2"], 1))
      const looking = yield* watch([lab.address], { respectTtl: true })
      yield* looking.until(peers(before))
      const changed = performance.now()
      yield* lab.change(zone(["10.0.0.2", "10.0.0.3"], 1))
      yield* looking.until(peers(after))
      tell(lab, "the same, TTL 1 s respected", "the new set", changed)
      assert.isAtMost(looking.all.length, 1 + Math.ceil((performance.now() - changed) / 900) + 1)
    })
  )

  it.live("finds pods that appear after the name was not there, and their end", () =>
    Effect.gen(function* () {
      const lab = yield* open(zone([]))
      const looking = yield* watch([lab.address])
      yield* looking.until([])
      const appeared = performance.now()
      yield* lab.change(before)
      yield* looking.until(peers(before))
      tell(lab, "NXDOMAIN, then two pods", "nobody, then both", appeared)
      yield* lab.change(zone([]))
      yield* looking.until([])
      assert.isFalse(looking.all.some((look) => look._tag === "Unknown"))
    })
  )

  it.live("that dies is a failure until it returns, and never an empty set", () =>
    Effect.gen(function* () {
      const lab = yield* open(before)
      const looking = yield* watch([lab.address])
      yield* looking.until(peers(before))
      const died = performance.now()
      yield* lab.stop
      yield* looking.until("failure")
      tell(lab, "it dies", "a failure: not reachable (ECONNREFUSED)", died)
      const error = looking.all.flatMap((look) => (look._tag === "Unknown" ? [look.error.message] : []))
      assert.include(error.at(-1), `${lab.address} is not reachable (ECONNREFUSED)`)
      const returned = performance.now()
      yield* lab.restart
      yield* looking.until(peers(before))
      tell(lab, "it returns (its start included)", "the set", returned)
      assert.deepStrictEqual(distinct(looking.all), [JSON.stringify(peers(before)), '"failure"'])
    })
  )

  it.live("that is silent is a failure when the time is over, and costs its patience once when another answers", () =>
    Effect.gen(function* () {
      const [frozen, lab] = [yield* open(before), yield* open(before)]
      yield* frozen.freeze
      const alone = performance.now()
      const failing = yield* watch([frozen.address], { lookupTimeout: "2 seconds" })
      yield* failing.until("failure")
      tell(lab, "it is silent (SIGSTOP), lookupTimeout 2 s", "a failure: no answer within 2000 ms", alone)
      const began = performance.now()
      const looking = yield* watch([frozen.address, lab.address])
      yield* looking.until(peers(before))
      tell(lab, "behind a silent one, first look", "the set, after the patience of 1 s", began)
      const again = performance.now()
      yield* looking.until(peers(before))
      tell(lab, "the same, next look (after 50 ms)", "the set", again)
      assert.isFalse(looking.all.some((look) => look._tag === "Unknown"))
    })
  )

  it.live("behind one that is dead is asked, in the same look", () =>
    Effect.gen(function* () {
      const lab = yield* open(before)
      const began = performance.now()
      const looking = yield* watch([`127.0.0.1:${yield* freePort}`, lab.address])
      yield* looking.until(peers(before))
      tell(lab, "behind a server that is dead", "the set, in the first look", began)
      assert.strictEqual(looking.all[0]?._tag, "Peers")
    })
  )
})

afterAll(() => process.stdout.write(`\n${table(["server", "case", "seen", "ms"], lines)}\n`))
