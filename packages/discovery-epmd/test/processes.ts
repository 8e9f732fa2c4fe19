import { Client, Daemon } from "@gc/discovery-epmd"
import * as Effect from "effect/Effect"
import { type ChildProcess, spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { until } from "./context.ts"

/** A port where nobody listens. */
export const freePort = Effect.map(Effect.scoped(Daemon.serve({ port: 0 })), ({ port }) => port)

/** Every name at the epmd of a port of this host, sorted; `none` while nobody listens. */
export const namesAt = (port: number): Effect.Effect<string> =>
  Client.names("127.0.0.1", { port }).pipe(
    Effect.map((lines) =>
      lines
        .map(({ name }) => name)
        .toSorted()
        .join(" ")
    ),
    Effect.orElseSucceed(() => "none")
  )

/** A node that is a process of its own. */
interface NodeProcess {
  readonly name: string
  readonly child: ChildProcess
  readonly output: () => string
  /** Lets it begin. */
  readonly go: Effect.Effect<void>
}

const program = fileURLToPath(new URL("program.ts", import.meta.url))

/** Starts a node, which waits for `go`; it is killed at the end of the scope. */
export const startNode = Effect.fnUntraced(function* (
  name: string,
  epmdPort: number,
  port: number,
  timeout = "5 seconds"
) {
  let output = ""
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn(process.execPath, [program, name, String(port), timeout], {
        env: { ...process.env, ERL_EPMD_PORT: String(epmdPort) },
        stdio: ["pipe", "pipe", "inherit"]
      })
    ),
    (started) => Effect.andThen(end(started, "SIGKILL"), Effect.void)
  )
  child.stdout.on("data", (chunk) => (output += String(chunk)))
  yield* until(`${name} is ready`, () => output.includes("ready"))
  const node: NodeProcess = {
    name,
    child,
    output: () => output,
    go: Effect.sync(() => void child.stdin.write("go\n"))
  }
  return node
})

/** Ends a process by a signal, and waits until it is gone. */
export const end = (child: ChildProcess, signal: NodeJS.Signals): Effect.Effect<void> =>
  Effect.promise(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const over = new Promise((resolve) => child.once("exit", resolve))
    child.kill(signal)
    await over
  })
