import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

const cookie = `hex:${"0123456789abcdef".repeat(4)}`

/** Node keeps what it compiled here, so that the next process loads in a third of the time. */
const compileCache = fileURLToPath(new URL("../../node_modules/.cache/compile", import.meta.url))

/** A program of its own process, with such arguments and more variables: what it wrote, and how it ended. */
export const run = (program: string, args: ReadonlyArray<string> = [], more: Readonly<Record<string, string>> = {}) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const path = fileURLToPath(new URL(`../../src/${program}.ts`, import.meta.url))
      const env = {
        PATH: process.env["PATH"],
        NODE_COMPILE_CACHE: compileCache,
        GC_COOKIE: cookie,
        ORDERS_COOKIE: cookie,
        BILLING_COOKIE: cookie,
        ...more
      }
      const child = spawn(process.execPath, [path, ...args], { env, stdio: ["ignore", "pipe", "inherit"] })
      let out = ""
      const waiting = new Set<() => void>()
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        out += text
        for (const look of waiting) look()
      })
      const exited = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)))
      const line = (pattern: RegExp) =>
        Effect.callback<RegExpExecArray>((resume) => {
          const look = () => {
            const match = pattern.exec(out)
            if (match === null) return
            waiting.delete(look)
            resume(Effect.succeed(match))
          }
          waiting.add(look)
          look()
          return Effect.sync(() => waiting.delete(look))
        })
      return { child, line, exited: Effect.promise(() => exited), out: () => out }
    }),
    ({ child }) => Effect.sync(() => child.kill("SIGKILL"))
  )
