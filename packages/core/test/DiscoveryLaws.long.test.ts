import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Discovery from "../src/Discovery.ts"
import * as NodeName from "../src/NodeName.ts"
import type * as Peer from "../src/Peer.ts"
import { collect, scripted, setsOf, type Step, unionOf } from "./support/looks.ts"

const set = Schema.Array(Schema.Literals(["b@rosa", "c@rosa", "d@rosa", "tcp://e:1"])).check(Schema.isMaxLength(4))

/** A source that looks a few times, at once, and ends. */
const source = Arbitrary.map(
  Arbitrary.schema(
    Schema.Struct({
      name: Schema.Literals(["x", "y", "x#2"]),
      looks: Schema.Array(Schema.Union([set, Schema.Literal("failed")])).check(Schema.isMaxLength(4))
    })
  ),
  ({ looks, name }) =>
    scripted(
      name,
      looks.map((says): Step => [0, says])
    )
)

const named = (self: Discovery.Source, name: string): Discovery.Source => Discovery.make({ name, looks: self.looks })

const sets = (self: Discovery.Source) => Effect.map(collect(self), setsOf)
const union = (self: Discovery.Source) => Effect.map(collect(self), unionOf)
const names = (self: Discovery.Source) => (self.sources ?? [self]).map(({ name }) => name)

const sorted = (map: ReadonlyMap<string, unknown>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1))
const isNamed = (peer: Peer.Peer): boolean => peer.name !== undefined
const renamed = (peer: Peer.Peer): Peer.Peer => ({ ...peer, name: NodeName.make("z@rosa") })
const options = { arbitrary: { runs: 60 } }

describe("the laws of discovery", () => {
  it.effect.prop(
    "empty is neutral in merge",
    [source],
    ([a]) =>
      Effect.gen(function* () {
        const alone = yield* collect(Discovery.merge(a))
        assert.deepStrictEqual(yield* collect(Discovery.merge(a, Discovery.empty)), alone)
        assert.deepStrictEqual(yield* collect(Discovery.merge(Discovery.empty, a)), alone)
        assert.deepStrictEqual(alone, yield* collect(a))
      }),
    options
  )

  it.effect.prop(
    "merge is associative, the names of its sources included",
    [source, source, source],
    ([a, b, c]) =>
      Effect.gen(function* () {
        const [flat, left, right] = [
          Discovery.merge(a, b, c),
          Discovery.merge(Discovery.merge(a, b), c),
          Discovery.merge(a, Discovery.merge(b, c))
        ]
        assert.deepStrictEqual(yield* union(left), yield* union(right))
        assert.deepStrictEqual(yield* union(left), yield* union(flat))
        assert.deepStrictEqual(names(left), names(flat))
        assert.deepStrictEqual(names(right), names(flat))
      }),
    options
  )

  it.effect.prop(
    "merge is commutative up to order",
    [source, source],
    ([a, b]) =>
      Effect.gen(function* () {
        const [x, y] = [named(a, "x"), named(b, "y")]
        assert.deepStrictEqual(sorted(yield* sets(Discovery.merge(x, y))), sorted(yield* sets(Discovery.merge(y, x))))
      }),
    options
  )

  it.effect.prop(
    "merge is a union: a peer is in it when one of its sources has it",
    [source, source],
    ([a, b]) =>
      Effect.gen(function* () {
        const each = new Set([...(yield* union(a)), ...(yield* union(b))])
        assert.deepStrictEqual(yield* union(Discovery.merge(a, b)), each)
      }),
    options
  )

  it.effect.prop(
    "filter and mapPeers go through merge",
    [source, source],
    ([a, b]) =>
      Effect.gen(function* () {
        for (const change of [Discovery.filter(isNamed), Discovery.mapPeers(renamed)]) {
          const [before, after] = [Discovery.merge(change(a), change(b)), change(Discovery.merge(a, b))]
          assert.deepStrictEqual(yield* sets(after), yield* sets(before))
          assert.deepStrictEqual(names(after), names(before))
        }
      }),
    options
  )

  it.effect.prop(
    "mapPeers of nothing changes nothing; two filters are one",
    [source],
    ([a]) =>
      Effect.gen(function* () {
        const looks = yield* collect(a)
        assert.deepStrictEqual(yield* collect(Discovery.mapPeers(a, (peer) => peer)), looks)
        assert.deepStrictEqual(yield* collect(Discovery.filter(a, () => true)), looks)
        const once = yield* collect(Discovery.filter(a, isNamed))
        assert.deepStrictEqual(yield* collect(Discovery.filter(Discovery.filter(a, isNamed), isNamed)), once)
      }),
    options
  )

  it.effect.prop(
    "withLastGood twice is withLastGood, and never changes a last good set",
    [source],
    ([a]) =>
      Effect.gen(function* () {
        const once = Discovery.withLastGood(a)
        assert.deepStrictEqual(yield* collect(Discovery.withLastGood(once)), yield* collect(once))
        assert.deepStrictEqual(yield* sets(once), yield* sets(a))
      }),
    options
  )

  it.effect.prop(
    "orElse of an empty source is empty",
    [source],
    ([a]) =>
      Effect.gen(function* () {
        assert.deepStrictEqual([...(yield* union(Discovery.orElse(Discovery.empty, a)))], [])
      }),
    options
  )
})
