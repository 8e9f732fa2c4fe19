import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { run } from "./support/run.ts"

const document = fileURLToPath(new URL("../../../docs/guides/getting-started.md", import.meta.url))
/** Beside src, where the packages are found. */
const folder = fileURLToPath(new URL("../.guide", import.meta.url))

const freePort = Effect.callback<number>((resume) => {
  const server = createServer()
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    server.close(() => resume(Effect.succeed(port)))
  })
})

it.live("the program of the guide, three times: all are up everywhere, and Ctrl-C is a goodbye", () =>
  Effect.gen(function* () {
    const port = String(yield* freePort)
    const home = mkdtempSync(join(tmpdir(), "gc-guide-"))
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        for (const made of [folder, home]) rmSync(made, { recursive: true, force: true })
      })
    )
    const [, code = ""] = /^```ts\n(.*?)^```$/ms.exec(readFileSync(document, "utf8")) ?? []
    assert.include(code, "tcp://127.0.0.1:4370")
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, "main.ts"), code.replaceAll("4370", port))

    const start = (name: string, at: string) => run("../.guide/main", [name, at], { HOME: home })
    const nodes = [yield* start("a", port), yield* start("b", "0"), yield* start("c", "0")]
    for (const node of nodes) {
      for (const name of ["a", "b", "c"]) yield* node.line(new RegExp(`Up ${name}@127\\.0\\.0\\.1`))
    }
    nodes[2]!.child.kill("SIGINT")
    yield* nodes[2]!.exited
    for (const node of nodes.slice(0, 2)) yield* node.line(/Left c@127\.0\.0\.1/)
  })
)
