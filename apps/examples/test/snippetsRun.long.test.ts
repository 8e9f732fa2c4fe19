import { assert, describe, it } from "@effect/vitest"
import { spawn, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll } from "vitest"
import { snippets } from "./support/snippets.ts"

const folder = fileURLToPath(new URL("../.running", import.meta.url))

/** Those that are tests run as tests where they stand. */
const programs = snippets.filter(({ code }) => !/from "(@effect\/vitest|vitest|@gc\/testkit\/suites)"/.test(code))

/** A machine of its own for each: its ports, and no way out. Who is not root may have one as a root of its own. */
const machines = ["-n", "-rn"].map((flag) => [flag, "sh", "-c", 'ip link set lo up && exec "$@"', "snippet"])
const machine = machines.find((args) => spawnSync("unshare", [...args, "true"]).status === 0)
/** Where nobody reads what was skipped, it fails instead. */
const isAsked = machine !== undefined || process.env["CI"] !== undefined

const run = (name: string, home: string) =>
  new Promise<{ readonly code: number | null; readonly said: string }>((resolve) => {
    const env = { PATH: process.env["PATH"], HOME: home, NODE_COMPILE_CACHE: join(home, "cache") }
    const program = ["timeout", "-s", "TERM", "-k", "3", "3", process.execPath, join(folder, name)]
    const child = spawn("unshare", [...(machine ?? ["-n"]), ...program], {
      env,
      cwd: home,
      stdio: ["ignore", "pipe", "pipe"]
    })
    let said = ""
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => (said += bytes.toString()))
    child.once("close", (code) => resolve({ code, said }))
  })

/** What `timeout` answers of a program that it had to end. */
const ended = 124

describe.runIf(isAsked)(
  "the documents' snippets run, each kept off the network by `unshare -n`, where that is permitted",
  { concurrent: true },
  () => {
    let home = ""
    beforeAll(() => {
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(folder)
      home = mkdtempSync(join(tmpdir(), "gc-snippets-"))
      for (const { code, name } of programs) writeFileSync(join(folder, name), code)
    })
    afterAll(() => {
      rmSync(folder, { recursive: true, force: true })
      rmSync(home, { recursive: true, force: true })
    })

    it.each(programs.map(({ name }) => name))("%s", async (name) => {
      const { code, said } = await run(name, home)
      assert.include([0, ended], code, said)
      assert.notMatch(said, /\bERROR\b|Uncaught|UnhandledPromise/, said)
    })
  }
)
