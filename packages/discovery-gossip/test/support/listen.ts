/** A program: runs a source with the options of its first argument, as the node of its second; prints each look as a line. */
import * as Gossip from "@gc/discovery-gossip"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { contextOf } from "./network.ts"
import { textOf } from "./running.ts"

const [options = "{}", name = "a", port = "4370"] = process.argv.slice(2)
const program = Effect.gen(function* () {
  const source = yield* Gossip.make(JSON.parse(options))
  yield* Stream.runForEach(source.looks(contextOf(name, { port: Number(port) })), (look) =>
    Effect.sync(() => void process.stdout.write(`${textOf(look)}\n`))
  )
})
process.stdin.on("end", () => process.exit()).resume()
Effect.runFork(program)
