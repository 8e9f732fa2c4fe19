import { Client } from "@gc/discovery-epmd"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type ChildProcess, spawn } from "node:child_process"
import { setTimeout as sleep } from "node:timers/promises"

/** A program that ends with the scope, by its process id. */
export const start = (
  command: string,
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {}
): Effect.Effect<ChildProcess, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "pipe"] })
      // An absent program fails the test, with its name: nobody catches this.
      child.on("error", (error) => {
        throw new Error(`${command} is needed by the interop tests: ${error.message}`)
      })
      return child
    }),
    (child) =>
      Effect.promise(async () => {
        if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
        const over = new Promise((resolve) => child.once("exit", resolve))
        child.kill("SIGKILL")
        await Promise.race([over, sleep(5_000)])
      })
  )

/** Erlang's epmd at a port, in the foreground. */
export const startEpmd = Effect.fnUntraced(function* (port: number) {
  const child = yield* start("epmd", ["-port", String(port), "-address", "127.0.0.1"])
  yield* until("epmd answers", Effect.isSuccess(Client.names("127.0.0.1", { port })))
  return child
})

/** A runtime of Erlang that uses the epmd of a port, and starts none. */
export const erl = Effect.fnUntraced(function* (port: number, args: ReadonlyArray<string>) {
  let output = ""
  const all = ["-noshell", "-start_epmd", "false", "-setcookie", "gc", ...args]
  const child = yield* start("erl", all, { ERL_EPMD_PORT: String(port) })
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (output += String(chunk)))
  return { child, output: () => output }
})

/** What an expression of Erlang is. */
export const evaluate = Effect.fnUntraced(function* (
  port: number,
  expression: string,
  args: ReadonlyArray<string> = []
) {
  const { child, output } = yield* erl(port, [
    ...args,
    "-eval",
    `io:format("=~0p=~n", [begin ${expression} end]), halt()`
  ])
  yield* until(
    `${expression} is evaluated`,
    Effect.sync(() => child.exitCode !== null)
  )
  return /=(.*)=/.exec(output())?.[1] ?? output()
})

/** Suspends until it holds; fails after 30 seconds. */
export const until = (what: string, condition: Effect.Effect<boolean>): Effect.Effect<void> => {
  const asked: Effect.Effect<void> = Effect.flatMap(condition, (holds) =>
    holds ? Effect.void : Effect.andThen(Effect.sleep("20 millis"), asked)
  )
  return Effect.timeoutOrElse(asked, {
    duration: "30 seconds",
    orElse: () => Effect.die(new Error(`not within 30 seconds: ${what}`))
  })
}
