/** A node of its own process: `node process.ts URL NAME`. */
import * as Effect from "effect/Effect"
import * as Redis from "../src/index.ts"
import { contextOf, run } from "./nodes.ts"

const [url, name = "c"] = process.argv.slice(2)

const program = Effect.gen(function* () {
  yield* run(yield* Redis.make({ url, lease: "1 second" }), contextOf(name))
  yield* Effect.never
})

Effect.runFork(Effect.scoped(program))
