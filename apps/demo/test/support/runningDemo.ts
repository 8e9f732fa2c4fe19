/**
 * The demo as its user starts it: a process, its output and its end.
 */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { Scope } from "effect/Scope"
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { connect } from "node:net"
import { fileURLToPath } from "node:url"

const program = fileURLToPath(new URL("../../src/main.ts", import.meta.url))

/** What became of a demo that ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly err: string
}

/** A demo that runs. */
export interface RunningDemo {
  readonly pid: number
  /** What it has printed so far, line by line. */
  readonly lines: () => ReadonlyArray<string>
  readonly signal: (signal: NodeJS.Signals) => void
  readonly ended: Effect.Effect<Ended>
}

/** Starts the demo; it is killed when the scope closes. */
export const startDemo = (...args: ReadonlyArray<string>): Effect.Effect<RunningDemo, never, Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] })
      let [out, err] = ["", ""]
      child.stdout.on("data", (chunk) => (out += chunk))
      child.stderr.on("data", (chunk) => (err += chunk))
      const ended = new Promise<Ended>((resolve, reject) => {
        child.on("error", reject)
        child.on("close", (code, signal) => resolve({ code, signal, out, err }))
      })
      return {
        pid: child.pid as number,
        lines: () => out.split("\n").slice(0, -1),
        signal: (signal: NodeJS.Signals) => void child.kill(signal),
        ended: Effect.promise(() => ended)
      }
    }),
    (demo) =>
      Effect.andThen(
        Effect.sync(() => demo.signal("SIGKILL")),
        demo.ended
      )
  )

/** Runs the demo to its end. */
export const runDemo = (...args: ReadonlyArray<string>): Effect.Effect<Ended, never, Scope> =>
  Effect.flatMap(startDemo(...args), ({ ended }) => ended)

/** Waits until something holds. */
export const eventually = (holds: Effect.Effect<boolean>): Effect.Effect<boolean> =>
  Effect.repeat(holds, { schedule: Schedule.spaced("20 millis"), until: (yes) => yes })

/** Whether a process is gone, or only waits for its parent to notice. */
export const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return /^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
  } catch {
    return true
  }
}

/** Whether nobody listens at a port of this machine. */
export const isFree = (port: number): Effect.Effect<boolean> =>
  Effect.callback((resume) => {
    const socket = connect(port, "127.0.0.1")
    socket.on("connect", () => resume(Effect.succeed(false)))
    socket.on("error", () => resume(Effect.succeed(true)))
    return Effect.sync(() => socket.destroy())
  })
