import { assert, describe, it } from "@effect/vitest"
import * as Gossip from "@gc/discovery-gossip"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { contextOf, freeGroup } from "../test/support/network.ts"
import { counts, run, until, untilLook } from "../test/support/running.ts"

const script = fileURLToPath(new URL("gossip.exs", import.meta.url))

/** A program that ends with the scope, and what it wrote. */
const start = (command: string, args: ReadonlyArray<string>, env: Readonly<Record<string, string>>) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] })
      const program = { child, output: "", ended: false }
      child.once("error", (error) => (program.output += `${command} is needed by the interop tests: ${error.message}`))
      child.once("close", () => (program.ended = true))
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (program.output += String(data)))
      return program
    }),
    ({ child, ended }) =>
      Effect.callback<void>((resume) => {
        if (ended || child.pid === undefined) return resume(Effect.void)
        child.once("close", () => resume(Effect.void))
        child.kill("SIGKILL")
      })
  )

const cases: ReadonlyArray<readonly [what: string, secret: string | undefined]> = [
  ["in plain", undefined],
  ["with a secret", "some pässword"]
]

describe("a node of Elixir on the same group", () => {
  it.live.each(cases)("%s: each hears the other's name, and nothing of it reaches the other's cluster", ([, secret]) =>
    Effect.gen(function* () {
      const group = yield* freeGroup
      const epmd = (yield* freeGroup).port
      // Elixir takes its arguments in the encoding of the locale.
      const env = { ERL_EPMD_PORT: String(epmd), LC_ALL: "C.UTF-8" }
      const daemon = yield* start("epmd", ["-port", String(epmd), "-address", "127.0.0.1"], {})
      const args = ["--name", "elixir@127.0.0.1", "--cookie", "gc", "--erl", "-start_epmd false", script]
      const words = [group.multicastAddr, String(group.port), ...(secret === undefined ? [] : [secret])]
      const elixir = yield* start("elixir", [...args, ...words], env)
      const seen = () => [elixir.output, daemon.output]
      yield* until("Elixir is there", () => elixir.output.includes("on OTP") || elixir.ended, seen)
      const source = yield* Gossip.make({
        ...group,
        format: "libcluster",
        insecure: true,
        ...(secret !== undefined && { secret: Redacted.make(secret) })
      })
      const running = yield* run(source, contextOf("a", { keys: [] }))
      yield* untilLook(running, "elixir@127.0.0.1")
      yield* until("Elixir heard this node", () => elixir.output.includes("heard a@127.0.0.1") || elixir.ended, seen)
      assert.include(elixir.output, "heard a@127.0.0.1, connected: false")
      yield* Effect.sleep("1 second")
      assert.isFalse(elixir.ended, elixir.output)
      yield* running.stop
      const junk = yield* counts("gc_gossip_junk", "reason", "a@127.0.0.1")
      assert.deepStrictEqual([...junk], [])
      const heard = yield* counts("gc_gossip_heard", "from", "a@127.0.0.1")
      assert.isAtLeast(heard.get("peer") ?? 0, 2)
    })
  )
})
