import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { until } from "./support/running.ts"

const program = fileURLToPath(new URL("support/listen.ts", import.meta.url))
const command = "ip"
const ip = (...args: ReadonlyArray<string>) =>
  execFileSync(command, args, { stdio: ["ignore", "pipe", "pipe"] }).toString()

const reason = (() => {
  if (process.platform !== "linux") return "network namespaces are Linux's"
  if (process.getuid?.() !== 0) return "only root makes network namespaces"
  try {
    ip("netns", "add", `gcg-${process.pid}`)
    ip("netns", "del", `gcg-${process.pid}`)
    return undefined
  } catch (error) {
    return `no network namespace can be made: ${String(error)}`
  }
})()
if (reason !== undefined) process.stdout.write(`tests of gossip in network namespaces are skipped: ${reason}\n`)

let made = 0

/** Two namespaces with a cable between them, its ends called `gc0`, down; the loopback interfaces are down, too. */
const pair = Effect.acquireRelease(
  Effect.sync(() => {
    const id = `gcg-${process.pid}-${++made}`
    const names = [`${id}a`, `${id}b`] as const
    for (const name of names) ip("netns", "add", name)
    ip("link", "add", "gc0", "netns", names[0], "type", "veth", "peer", "name", "gc0", "netns", names[1])
    return names
  }),
  (names) => Effect.sync(() => names.forEach((name) => ip("netns", "del", name)))
)

const listen = (namespace: string, options: object, name: string, port: number) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const args = ["netns", "exec", namespace, process.execPath, program, JSON.stringify(options), name, String(port)]
      const child: ChildProcess = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] })
      const looks: Array<string> = []
      let rest = ""
      child.stdout?.on("data", (data) => {
        const lines = `${rest}${data}`.split("\n")
        rest = lines.pop() ?? ""
        looks.push(...lines.filter((line) => !line.startsWith("[")))
      })
      return { child, looks }
    }),
    ({ child }) =>
      Effect.callback<void>((resume) => {
        child.once("exit", () => resume(Effect.void))
        child.stdin?.end()
      })
  )

const sees = (looks: ReadonlyArray<string>, text: string) =>
  until(
    text,
    () => looks.at(-1) === text,
    () => looks
  )

const b = "b@127.0.0.1 at tcp://127.0.0.1:2"
const a = "a@127.0.0.1 at tcp://127.0.0.1:1"
const quick = { interval: 200, lifetime: 2_000 }

describe.skipIf(reason !== undefined)("in namespaces of their own, two nodes", () => {
  const cases: ReadonlyArray<readonly [what: string, options: object]> = [
    ["by the routing table's choice", {}],
    ["on a named interface", { multicastIf: "gc0" }],
    ["on all interfaces", { multicastIf: "all" }],
    ["by broadcast", { broadcastOnly: true }],
    ["by broadcast to one address", { broadcastOnly: true, multicastAddr: "10.77.0.255", multicastIf: "gc0" }],
    ["in an IPv6 group", { multicastAddr: "ff02::4370%gc0" }]
  ]
  it.live.each(cases)("that are there before the network is find each other %s once it comes up", ([, options]) =>
    Effect.gen(function* () {
      const names = yield* pair
      const one = yield* listen(names[0], { ...quick, ...options }, "a", 1)
      const other = yield* listen(names[1], { ...quick, ...options }, "b", 2)
      yield* until("a failed look", () => one.looks.length > 0 && other.looks.length > 0)
      assert.match(one.looks[0] ?? "", /^unknown: discovery gossip: /)
      for (const [index, name] of names.entries()) {
        ip("-n", name, "addr", "add", `10.77.0.${index + 1}/24`, "dev", "gc0")
        ip("-n", name, "link", "set", "gc0", "up")
        ip("-n", name, "route", "add", "default", "dev", "gc0")
      }
      yield* sees(one.looks, b)
      yield* sees(other.looks, a)
      assert.lengthOf(
        one.looks.filter((look) => look.startsWith("unknown")),
        1,
        "what is missing is said once"
      )
    })
  )

  it.live("keep each other while the interface is gone, and find each other on the one that replaces it", () =>
    Effect.gen(function* () {
      const names = yield* pair
      const up = () => {
        for (const [index, name] of names.entries()) {
          ip("-n", name, "addr", "add", `10.77.0.${index + 1}/24`, "dev", "gc0")
          ip("-n", name, "link", "set", "gc0", "up")
        }
      }
      up()
      const options = { ...quick, multicastIf: "gc0" }
      const one = yield* listen(names[0], options, "a", 1)
      const other = yield* listen(names[1], options, "b", 2)
      yield* sees(one.looks, b)
      yield* sees(other.looks, a)
      ip("-n", names[0], "link", "del", "gc0")
      yield* until("a failed look", () => (one.looks.at(-1) ?? "").startsWith("unknown"))
      ip("link", "add", "gc0", "netns", names[0], "type", "veth", "peer", "name", "gc0", "netns", names[1])
      up()
      yield* sees(one.looks, b)
      yield* sees(other.looks, a)
      assert.isFalse(one.looks.includes(""), "nobody was forgotten")
    })
  )
})
