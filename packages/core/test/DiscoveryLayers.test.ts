import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Discovery from "../src/Discovery.ts"
import { scripted } from "./support/looks.ts"

describe("layerMerge", () => {
  const of = (name: string) => Layer.succeed(Discovery.Discovery, scripted(name, [[0, [`${name}@rosa`]]]))
  const namesIn = (services: Context.Context<Discovery.Discovery>) =>
    Context.get(services, Discovery.Discovery).sources?.map(({ name }) => name)

  it.effect("keeps every layer, where Layer.mergeAll keeps the last", () =>
    Effect.gen(function* () {
      const merged = yield* Layer.build(Discovery.layerMerge(of("b"), of("c"), of("d")))
      assert.deepStrictEqual(namesIn(merged), ["b", "c", "d"])
      const replaced = yield* Layer.build(Layer.mergeAll(of("b"), of("c")))
      assert.strictEqual(Context.get(replaced, Discovery.Discovery).name, "c")
    })
  )

  it.effect("nests", () =>
    Effect.gen(function* () {
      const nested = Discovery.layerMerge(Discovery.layerMerge(of("b"), of("c")), Discovery.layerMerge(of("c")))
      assert.deepStrictEqual(namesIn(yield* Layer.build(nested)), ["b", "c", "c#2"])
    })
  )

  it.effect("builds once what several of its layers need, and closes it with the layer", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const registry = Layer.effect(
        Registry,
        Effect.acquireRelease(
          Effect.sync(() => {
            log.push("open")
            return { url: "http://registry" }
          }),
          () => Effect.sync(() => log.push("closed"))
        )
      )
      const using = (name: string) =>
        Layer.effect(Discovery.Discovery, Effect.as(Registry, scripted(name))).pipe(Layer.provide(registry))
      yield* Effect.scoped(Layer.build(Discovery.layerMerge(using("b"), using("c"))))
      assert.deepStrictEqual(log, ["open", "closed"])
    })
  )

  it.effect("fails as the first layer that fails, and closes those before it", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const opened = Layer.effect(
        Discovery.Discovery,
        Effect.acquireRelease(Effect.succeed(Discovery.empty), () => Effect.sync(() => log.push("closed")))
      )
      const failing = Layer.effect(Discovery.Discovery, Effect.fail("no" as const))
      const exit = yield* Effect.exit(Layer.build(Discovery.layerMerge(opened, failing)))
      assert.deepStrictEqual(exit, Exit.fail("no"))
      assert.deepStrictEqual(log, ["closed"])
    })
  )

  it("unites the errors and the requirements of its layers", () => {
    const b = Layer.effect(Discovery.Discovery, Effect.andThen(Registry, Effect.fail("b" as const)))
    const c = Layer.effect(Discovery.Discovery, Effect.andThen(Catalog, Effect.fail("c" as const)))
    expectTypeOf(Discovery.layerMerge(b, c, of("d"))).toEqualTypeOf<
      Layer.Layer<Discovery.Discovery, "b" | "c", Registry | Catalog>
    >()
    expectTypeOf(Discovery.layerMerge(of("d"))).toEqualTypeOf<Layer.Layer<Discovery.Discovery>>()
    // @ts-expect-error a layer of another service is no discovery
    void (() => Discovery.layerMerge(of("d"), Layer.succeed(Registry, { url: "" })))
  })
})

class Registry extends Context.Service<Registry, { readonly url: string }>()("test/Registry") {}
class Catalog extends Context.Service<Catalog, { readonly url: string }>()("test/Catalog") {}
