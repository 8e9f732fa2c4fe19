import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url))

/** Node keeps what it compiled here, so that the next process loads in a third of the time. */
const compileCache = fileURLToPath(new URL("../../node_modules/.cache/compile", import.meta.url))

/** The process ended before it said what was waited for. */
class EndedEarly extends Schema.TaggedError<EndedEarly>("@gc/k8s/EndedEarly")("EndedEarly", {
  how: Schema.String,
  waitedFor: Schema.String,
  log: Schema.String,
  complaint: Schema.String
}) {
  override get message(): string {
    return `ended with ${this.how} before it said "${this.waitedFor}": ${this.log} ${this.complaint}`
  }
}

/** A process of the program: what it has logged, its pages, its end. */
export type Pod = Effect.Success<ReturnType<typeof startPod>>

/** What a pod runs, where, and as whom. */
interface Image {
  readonly command: ReadonlyArray<string>
  readonly cwd?: string
  readonly user?: { readonly uid?: number; readonly gid?: number }
}

/** Starts the program with this environment; it is killed when the scope closes. */
export const startPod = (
  environment: Readonly<Record<string, string>>,
  { command: [program = "", ...args], cwd, user = {} }: Image = { command: [process.execPath, main] }
) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const child = spawn(program, args, {
        env: { ...environment, NODE_COMPILE_CACHE: compileCache },
        cwd,
        ...user,
        stdio: ["ignore", "pipe", "pipe"]
      })
      const log: Array<{ readonly level: string; readonly message: string }> = []
      let complaint = ""
      const waiting = new Set<() => void>()
      createInterface({ input: child.stdout }).on("line", (line) => {
        const { level, message } = JSON.parse(line)
        log.push({ level, message: Array.isArray(message) ? String(message[0]) : String(message) })
        for (const look of waiting) look()
      })
      child.stderr.on("data", (chunk) => (complaint += chunk))
      const ended = new Promise<number | string>((resolve) =>
        child.once("close", (code, signal) => resolve(code ?? signal ?? "?"))
      )
      /** Waits until it has said this so many times; fails when the process ends before. */
      const said = (message: string, times = 1): Effect.Effect<void, EndedEarly> =>
        Effect.callback((resume) => {
          const look = () => {
            if (log.filter((line) => line.message === message).length >= times) resume(Effect.void)
          }
          waiting.add(look)
          look()
          void ended.then((how) =>
            resume(
              Effect.fail(new EndedEarly({ how: `${how}`, waitedFor: message, log: JSON.stringify(log), complaint }))
            )
          )
          return Effect.sync(() => waiting.delete(look))
        })
      const page = (path: string) =>
        Effect.gen(function* () {
          const response = yield* Effect.promise(() =>
            fetch(`http://127.0.0.1:${environment["GC_HEALTH_PORT"]}${path}`)
          )
          return { status: response.status, body: yield* Effect.promise(() => response.json() as Promise<unknown>) }
        })
      return {
        node: environment["GC_NODE"] ?? "",
        log,
        said,
        page,
        kill: (signal: NodeJS.Signals) => child.kill(signal),
        ended: Effect.promise(() => ended),
        complaint: () => complaint
      }
    }),
    ({ ended, kill }) =>
      Effect.andThen(
        Effect.sync(() => kill("SIGKILL")),
        ended
      )
  )
