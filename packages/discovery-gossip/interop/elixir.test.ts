import { assert, describe, it } from "@effect/vitest"
import * as Gossip from "@gc/discovery-gossip"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { spawn } from "node:child_process"
import { connect, createServer } from "node:net"
import { fileURLToPath } from "node:url"
import { contextOf, freeGroup } from "../test/support/network.ts"
import { counts, run, textOf, until } from "../test/support/running.ts"

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

type Program = Effect.Success<ReturnType<typeof start>>

/** A port of loopback where nobody listened a moment ago. */
const freePort = Effect.callback<number>((resume) => {
  const server = createServer()
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    server.close(() => resume(Effect.succeed(typeof address === "object" ? (address?.port ?? 0) : 0)))
  })
})

const isListening = (port: number) =>
  Effect.callback<boolean>((resume) => {
    const socket = connect(port, "127.0.0.1")
    const answer = (is: boolean) => () => {
      socket.destroy()
      resume(Effect.succeed(is))
    }
    socket.once("connect", answer(true)).once("error", answer(false))
  })

/** Erlang's epmd, at a port where it answers. */
const epmd = Effect.gen(function* () {
  const port = yield* freePort
  const daemon = yield* start("epmd", ["-port", String(port), "-address", "127.0.0.1"], {})
  while (!daemon.ended && !(yield* isListening(port))) yield* Effect.sleep("20 millis")
  return daemon.ended ? yield* Effect.fail(`epmd ended: ${daemon.output}`) : port
}).pipe(Effect.timeout("20 seconds"))

/** Elixir in a group of its own. Others may take a port that was free when it was looked for: then it has another. */
const elixirIn = Effect.fnUntraced(
  function* (secret: string | undefined) {
    const port = yield* epmd
    const group = yield* freeGroup
    const args = ["--name", "elixir@127.0.0.1", "--cookie", "gc", "--erl", "-start_epmd false", script]
    const words = [group.multicastAddr, String(group.port), ...(secret === undefined ? [] : [secret])]
    // Elixir takes its arguments in the encoding of the locale.
    const elixir = yield* start("elixir", [...args, ...words], { ERL_EPMD_PORT: String(port), LC_ALL: "C.UTF-8" })
    yield* said(elixir, "on OTP")
    return { group, elixir }
  },
  Effect.retry({ times: 4 })
)

/** Suspends until a program has written this; fails with all that it wrote when it ends before. */
const said = Effect.fnUntraced(function* (program: Program, text: string) {
  const over = () => program.output.includes(text) || program.ended
  yield* until(text, over, () => program.output)
  if (!program.output.includes(text)) return yield* Effect.fail(`ended before it wrote "${text}": ${program.output}`)
})

const cases: ReadonlyArray<readonly [what: string, secret: string | undefined]> = [
  ["in plain", undefined],
  ["with a secret", "some pässword"]
]

describe("a node of Elixir on the same group", () => {
  it.live.each(cases)("%s: each hears the other's name, and nothing of it reaches the other's cluster", ([, secret]) =>
    Effect.gen(function* () {
      const { group, elixir } = yield* elixirIn(secret)
      const source = yield* Gossip.make({
        ...group,
        format: "libcluster",
        insecure: true,
        ...(secret !== undefined && { secret: Redacted.make(secret) })
      })
      const running = yield* run(source, contextOf("a", { keys: [] }))
      const texts = () => running.looks.map(textOf)
      yield* until(
        "a look with elixir@127.0.0.1",
        () => texts().at(-1) === "elixir@127.0.0.1",
        () => [texts(), elixir.ended, elixir.output]
      )
      yield* said(elixir, "heard a@127.0.0.1, connected: false")
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
