/**
 * What a stranger does with packages of gc that come from a registry: here from tarballs, in folders outside the repository.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { freePort, type Program, run, start } from "./commands.ts"

const root = fileURLToPath(new URL("../../..", import.meta.url))
const app = fileURLToPath(new URL("..", import.meta.url))
const source = join(app, "gc-discovery-redis")
const packed = ["core", "testkit", "transport-tcp", "cli"]

let place = ""
let tarballs: Readonly<Record<string, string>> = {}

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "gc-stranger-"))
  await run(root, 240, "turbo", "run", "build", "--concurrency=2", ...packed.map((name) => `--filter=@gc/${name}`))
  const made = packed.map(async (name) => {
    const to = join(place, "tarballs", name)
    await run(join(root, "packages", name), 60, "pnpm", "pack", "--pack-destination", to)
    return [name, join(to, readdirSync(to)[0] ?? "")] as const
  })
  tarballs = Object.fromEntries(await Promise.all(made))
}, 300_000)

afterAll(() => rmSync(place, { recursive: true, force: true }))

/** A folder where a package of gc can come from a tarball and from nowhere else. */
const makeFolder = (name: string) => {
  const folder = join(place, name)
  mkdirSync(folder)
  // npm asks after optional peers, too, and takes it that nobody answers: it should not wait long for that.
  const settings = ["@gc:registry=http://127.0.0.1:1/", "fetch-retry-mintimeout=100", "fetch-retry-maxtimeout=1000"]
  writeFileSync(join(folder, ".npmrc"), settings.join("\n"))
  return folder
}

const tarballsOf = (...names: ReadonlyArray<string>) => names.map((name) => tarballs[name] ?? name)

const readme = () => readFileSync(join(source, "README.md"), "utf8")

const blocksOf = (language: string) =>
  Array.from(readme().matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms")), ([, code = ""]) => code)

/** Copies a package, installs it with what it names of gc, checks its types and runs its tests; answers what they said. */
const develop = async (from: string, name: string, ...needs: ReadonlyArray<string>) => {
  const folder = makeFolder(name)
  const isOwn = (path: string) => !["node_modules", "dist"].includes(basename(path))
  cpSync(join(app, from), folder, { recursive: true, filter: isOwn })
  await run(folder, 180, "npm", "install", "--save-dev", ...tarballsOf(...needs))
  await run(folder, 60, "npm", "run", "check")
  return run(folder, 200, "npm", "test")
}

describe("the author of gc-discovery-redis", () => {
  it("installs, checks the types, and passes the suite and its own tests", { timeout: 480_000 }, async () => {
    const tests = await develop("gc-discovery-redis", "author", "core", "testkit", "transport-tcp")
    assert.match(tests, /Tests +\d+ passed \| \d+ skipped/)
    await run(join(place, "author"), 60, "npm", "pack")
  })
})

describe("the template", () => {
  it("is a package that passes the suite as it is", { timeout: 480_000 }, async () => {
    const tests = await develop("template", "template", "core", "testkit")
    assert.match(tests, /Tests +\d+ passed \| \d+ skipped/)
    await run(join(place, "template"), 60, "npm", "pack")
  })
})

describe("a user of gc-discovery-redis", () => {
  const started: Array<Program> = []
  let folder = ""

  afterAll(async () => {
    for (const program of started) await program.end("SIGKILL")
  })

  it("installs it, and gets nothing else", { timeout: 200_000 }, async () => {
    folder = makeFolder("user")
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "orders", private: true, type: "module" }))
    const own = join(place, "author", "gc-discovery-redis-0.1.0.tgz")
    await run(folder, 180, "npm", "install", "effect@4.1.0", own, ...tarballsOf("core", "transport-tcp", "cli"))
    const tree = await run(folder, 60, "npm", "ls", "--all", "--parseable")
    const modules = join(folder, "node_modules/")
    const names = tree.split("\n").filter((line) => line.startsWith(modules))
    assert.sameMembers(
      names.map((line) => line.slice(modules.length)),
      ["@gc/cli", "@gc/core", "@gc/transport-tcp", "@redis/client", "effect", "gc-discovery-redis"]
    )
  })

  it("compiles what the README shows", { timeout: 90_000 }, async () => {
    const snippets = blocksOf("ts")
    assert.lengthOf(snippets, 3)
    for (const [index, code] of snippets.entries()) writeFileSync(join(folder, `snippet${index}.ts`), code)
    const tsc = join(place, "author", "node_modules", ".bin", "tsc")
    await run(
      folder,
      80,
      tsc,
      "--noEmit",
      "--strict",
      "--target",
      "es2023",
      "--module",
      "nodenext",
      "--skipLibCheck",
      "--types",
      "",
      ...snippets.map((_, index) => `snippet${index}.ts`)
    )
  })

  it("has a cluster of three processes: two of gcluster, and a program", { timeout: 150_000 }, async () => {
    const port = await freePort()
    const data = join(folder, "redis")
    mkdirSync(data)
    const settings = ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", data, "--save", ""]
    await start(started, data, "redis-server", settings).prints(/Ready to accept connections/)

    const [sample = "{}"] = blocksOf("json")
    writeFileSync(join(folder, "gc.json"), sample)
    writeFileSync(join(folder, "node.js"), program)
    const env = (name: string) => ({
      GC_NODE_NAME: `${name}@127.0.0.1`,
      GC_COOKIE: `hex:${"7b".repeat(32)}`,
      GC_DISCOVERY_REDIS_URL: `redis://127.0.0.1:${port}`,
      GC_DISCOVERY_REDIS_LEASE: "2 seconds",
      GC_REFRESH_INTERVAL: "500 millis",
      GC_TRANSPORT_TCP_HOST: "127.0.0.1",
      GC_TRANSPORT_TCP_PORT: "0",
      GC_PEER_EXCHANGE: "false"
    })
    const gcluster = join(folder, "node_modules", ".bin", "gcluster")
    const check = start(started, folder, gcluster, ["config", "check"], env("a"))
    await check.prints(/redis/)
    const a = start(started, folder, gcluster, ["start", "--json"], env("a"))
    const b = start(started, folder, gcluster, ["start"], env("b"))
    const c = start(started, folder, process.execPath, ["node.js"], env("c"))
    for (const name of ["a", "b", "c"]) {
      await a.prints(new RegExp(`"event":"up","node":"${name}@127`))
      await b.prints(new RegExp(`up +${name}@127`))
      await c.prints(new RegExp(`Up ${name}@127`))
    }
    const discover = start(started, folder, gcluster, ["discover"], env("e"))
    for (const name of ["a", "b", "c"]) await discover.prints(new RegExp(`${name}@127`))
    assert.strictEqual(await c.end("SIGTERM"), 0)
    await a.prints(/"event":"left","node":"c@127/)
    await b.end("SIGKILL")
    await a.prints(/"event":"down","node":"b@127/)
    start(started, folder, process.execPath, ["node.js"], env("d"))
    await a.prints(/"event":"up","node":"d@127/)
    assert.strictEqual(await a.end("SIGTERM"), 0)
  })
})

/** The program of a user who has a file, too. */
const program = `
import * as Cluster from "@gc/core/Cluster"
import * as Tcp from "@gc/transport-tcp"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as Redis from "gc-discovery-redis"

const node = Cluster.layerFile("gc.json", { discovery: [Redis.plugin], transport: [Tcp.plugin] })
const main = Effect.flatMap(Cluster.Cluster, ({ events }) =>
  Stream.runForEach(events, (event) => Effect.sync(() => console.log(event._tag, event.member.name)))
)
const fiber = Effect.runFork(Effect.provide(main, node))
process.once("SIGTERM", () => void Effect.runPromise(Fiber.interrupt(fiber)))
`
