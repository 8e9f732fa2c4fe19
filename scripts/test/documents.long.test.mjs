import { execFile } from "node:child_process"
import {
  chmodSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, relative } from "node:path"
import { promisify } from "node:util"
import { afterAll, describe, expect, it } from "vitest"
import { root } from "../bootstrap.mjs"
import { entryPoints, packages } from "../sources.mjs"

const read = (file) => readFileSync(join(root, file), "utf8")

const patterns = [
  "*.md",
  "docs/**/*.md",
  "packages/*/*.md",
  "apps/*/*.md",
  "apps/*/docs/**/*.md",
  "apps/third-party-discovery/gc-*/*.md"
]
const documents = globSync(patterns, { cwd: root })
  .filter((file) => !file.includes("CHANGELOG"))
  .sort((a, b) => (a < b ? -1 : 1))

const blocksOf = (file, language) => [...read(file).matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))]

/** As GitHub makes the name of a heading. */
const anchorOf = (heading) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-")

const anchorsIn = (file) => [...read(file).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading))

const ours = /^https:\/\/github\.com\/gc-cluster\/gc\/(?:blob|tree)\/main\//

/** Where a link of a document leads that stays in the repository; whole links to it are from its root. */
const linksOf = (file) =>
  [
    ...read(file)
      .replaceAll(/^```.*?^```/gms, "")
      .matchAll(/\]\(([^)\s]+)\)/g)
  ]
    .map(([, target]) => target.replace(ours, `${relative(dirname(file), ".")}/`.replace(/^\//, "./")))
    .filter((target) => !/^[a-z]+:/.test(target))

const brokenIn = (file) =>
  linksOf(file).filter((link) => {
    const [path, anchor] = link.split("#")
    const target = path === "" ? file : join(dirname(file), path)
    if (!existsSync(join(root, target))) return true
    if (anchor === undefined || /^L\d/.test(anchor)) return false
    const page = statSync(join(root, target)).isDirectory() ? join(target, "README.md") : target
    return !anchorsIn(page).includes(anchor)
  })

describe("the documents", () => {
  it.each(documents)("%s: every link leads somewhere", (file) => {
    expect(brokenIn(file)).toEqual([])
  })

  it.each(documents)("%s: every task that it names is one", (file) => {
    const { scripts } = JSON.parse(read("package.json"))
    const named = [...read(file).matchAll(/\bnpm run (?:-s )?([a-z][a-z:-]*)/g)].map(([, task]) => task)
    expect(named.filter((task) => !(task in scripts))).toEqual([])
  })

  it("stand in the index, each page of docs", () => {
    const listed = linksOf("docs/README.md").map((link) => join("docs", link))
    const pages = globSync("docs/**/*.md", { cwd: root }).filter((file) => file !== "docs/README.md")
    expect(pages.filter((page) => !listed.includes(page))).toEqual([])
  })
})

const folder = mkdtempSync(join(tmpdir(), "gc-samples-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const samples = documents.flatMap((file) =>
  ["json", "jsonc"].flatMap((language) =>
    blocksOf(file, language).map(([, text], index) => ({ file, index: index + 1, language, text }))
  )
)
/** One that names a package of somebody else is for the tests of that package: its settings are known there. */
const isOurs = (text) => !/"package": "(?!@gc\/)/.test(text)
const configurations = samples.filter(({ text }) => text.includes('"cluster"') && isOurs(text))
const plain = samples.filter(({ language }) => language === "json")

/** The files that samples name, each where it is looked for. */
const cookie = join(folder, "cookie")
writeFileSync(cookie, `hex:${"5a".repeat(32)}\n`, { mode: 0o600 })
for (const [name, fixture] of [
  ["node.pem", "node-a.pem"],
  ["node.key", "node-a.key"],
  ["ca.pem", "ca.pem"]
]) {
  copyFileSync(join(root, "packages/transport-trials/test/fixtures", fixture), join(folder, name))
  chmodSync(join(folder, name), 0o600)
}

/** What gcluster says of a configuration. */
const problemsOf = async (text, name) => {
  const path = join(folder, name)
  writeFileSync(path, text.replace(/("cookieFile": )"[^"]*"/, `$1${JSON.stringify(cookie)}`), { mode: 0o600 })
  const { GC_CONFIG: _, ...env } = process.env
  const args = ["src/bin.ts", "config", "check", path, "--json"]
  const options = { cwd: join(root, "packages/cli"), env: { ...env, HOME: folder }, timeout: 25_000 }
  const { stdout } = await promisify(execFile)(process.execPath, args, options).catch((error) => error)
  const answer = JSON.parse(stdout)
  return answer.ok ? [] : (answer.problems ?? [answer])
}

describe("the samples", () => {
  it("are there", () => expect(configurations.length).toBeGreaterThan(8))

  it.each(plain)("$file, JSON $index: can be read", ({ text }) => {
    expect(() => JSON.parse(text)).not.toThrow()
  })

  it.each(configurations)(
    "$file, JSON $index: is a configuration that gcluster takes",
    async ({ file, index, language, text }) => {
      expect(await problemsOf(text, `${file.replaceAll("/", "_")}_${index}.${language}`)).toEqual([])
    }
  )

  it("would not pass with a wrong key", async () => {
    const [problem] = await problemsOf(
      '{ "cluster": "orders", "discovery": { "dns": { "domian": "x" } } }',
      "wrong.json"
    )
    expect(problem.key).toBe("discovery.dns.domian")
  })
})

/** Every line of a shell and every piece of code in a sentence that is a call of gcluster: its words. */
const calls = documents.flatMap((file) =>
  [
    ...blocksOf(file, "sh").flatMap(([, text]) => text.split("\n")),
    ...[...read(file).matchAll(/`((?:npx |npm run )?gcluster [^`\n]+)`/g)].map(([, text]) => text)
  ]
    .map((text) => /^(?:npx |npm run )?gcluster (?:-- )?([^#|>]*)/.exec(text.trim())?.[1].trim())
    .filter((call) => call !== undefined)
    .map((call) => ({ file, call }))
)

const helps = new Map()
const helpOf = async (command) => {
  const args = [join(root, "packages/cli/src/bin.ts"), ...command, "--help"]
  if (!helps.has(command.join(" "))) helps.set(command.join(" "), promisify(execFile)(process.execPath, args))
  return (await helps.get(command.join(" "))).stdout
}

describe("the calls of gcluster", () => {
  it("are there", () => expect(calls.length).toBeGreaterThan(30))

  it.each([...new Map(calls.map((one) => [one.call, one])).values()])("$file: gcluster $call", async ({ call }) => {
    const words = call.split(/\s+/)
    const flags = words.filter((word) => word.startsWith("--")).map((word) => word.replace(/=.*/, ""))
    const [first = "", second] = words.filter((word) => !word.startsWith("-"))
    const named = first === "config" && second !== undefined ? [first, second] : [first]
    const command = words[0].startsWith("-") ? [] : named
    const help = await helpOf(command)
    expect(await helpOf([])).toMatch(new RegExp(`^ {2}${command[0] ?? "try"}\\b`, "m"))
    expect(help).toContain(["gcluster", ...command].join(" "))
    for (const flag of flags) expect(help).toMatch(new RegExp(`${flag}\\b`))
  })
})

describe("the proxy of docs/transport-ws.md", () => {
  it("is set up as the one of the tests against nginx", () => {
    const [[, text]] = blocksOf("docs/transport-ws.md", "nginx")
    const [, location] = /location[^{]*\{(.*?)\}/s.exec(text)
    const lines = location.split("\n").map((line) => line.trim())
    const wanted = lines.filter((line) => line !== "" && !line.startsWith("proxy_pass"))
    const used = read("packages/transport-ws/interop/nginx.ts")
    expect(wanted.length).toBeGreaterThan(3)
    for (const line of wanted) expect(used).toContain(line)
  })
})

describe.each(packages())("$folder", ({ folder: place, manifest }) => {
  const text = read(join(place, "README.md"))

  it("has a README with what everybody looks for", () => {
    expect(text).toMatch(new RegExp(`^# ${manifest.name}\n\n[A-Z]`))
    expect(text).toMatch(new RegExp(`^npm install .*${manifest.name}\\b`, "m"))
    expect(text).toContain("License: MIT")
    expect(text).toMatch(/^\| (option|command|verb)/m)
    expect(text).toMatch(/^## When not to use it$/m)
    // A program has no code to show.
    expect(blocksOf(join(place, "README.md"), "ts").length > 0).toBe(entryPoints(manifest).length > 0)
  })

  it("says in its manifest what registries show", () => {
    const { author, bugs, description, engines, homepage, keywords, license, repository } = manifest
    expect({ license, engines, bugs }).toEqual({
      license: "MIT",
      engines: { node: ">=22.19" },
      bugs: { url: "https://github.com/gc-cluster/gc/issues" }
    })
    expect(author).toBeTruthy()
    expect(description.length).toBeGreaterThan(20)
    expect(keywords).toEqual(expect.arrayContaining(["cluster", "effect", "membership"]))
    expect(keywords).toEqual(keywords.toSorted())
    expect(repository.directory).toBe(place)
    expect(homepage).toBe(`https://github.com/gc-cluster/gc/tree/main/${place}#readme`)
    expect(manifest.publishConfig.access).toBe("public")
    // It would fail everywhere but in the workflow that publishes.
    expect(manifest.publishConfig).not.toHaveProperty("provenance")
  })
})
