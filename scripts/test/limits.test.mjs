import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { root } from "../bootstrap.mjs"

const document = readFileSync(join(root, "docs/limits.md"), "utf8")

const units = { KiB: 1024, MiB: 1024 ** 2, ms: 1, s: 1000, min: 60_000, h: 3_600_000 }

/** The figures of a row as the source has them: times in milliseconds, sizes in bytes. */
const figuresOf = (text) =>
  text.split(", ").map((figure) => {
    const [, digits, unit] = /^([\d,]+)(?: (\S+))?$/.exec(figure) ?? []
    return Number(digits?.replaceAll(",", "")) * (unit === undefined ? 1 : units[unit])
  })

const millis = { milli: 1, second: 1000, minute: 60_000, hour: 3_600_000 }

const product = String.raw`\d[\d_]*(?: \*\*? \d[\d_]*)*`
const number = String.raw`(?:Duration\.)?(?:(milli|second|minute|hour)s\()?"?(${product})(?: (milli|second|minute|hour)s?")?`

/** The forms in which a figure is declared: a constant or a default, an entry, an option, an option's time. */
const formsOf = (name) => [
  String.raw`\b${name}(?:: [\w.]+)? = ${number}`,
  String.raw`\b${name} = [^\n]*\?\? ${number}`,
  String.raw`\b${name}: \w+ = ${number}`,
  String.raw`^ +${name}: ${number}`,
  String.raw`positive\("${name}", options\["${name}"\], ${number}\)`,
  String.raw`\b${name}: .*\?\? ${number}`
]

const valueOf = (text) =>
  text
    .split(" * ")
    .map((factor) => factor.split(" ** ").map((part) => Number(part.replaceAll("_", ""))))
    .reduce((all, [base, exponent = 1]) => all * base ** exponent, 1)

/** Every value that a source declares under a name; 0 and 1 are where counting begins, and the least that options take. */
const valuesOf = (source, name) =>
  formsOf(name).flatMap((form) =>
    [...source.matchAll(new RegExp(form, "gm"))].map(
      ([, before, text, after]) => valueOf(text) * (name.endsWith("Seconds") ? 1000 : (millis[before ?? after] ?? 1))
    )
  )

const rows = document
  .split("\n")
  .filter((line) => /^\|.*`[^`]+\.ts` `\w+` *\|$/.test(line))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .map(([, bound, figure, , where]) => ({
    bound,
    figure,
    where: [...where.matchAll(/`([^`]+)`/g)].map(([, part]) => part)
  }))

/** What is called a bound and is none, or stands in the list by another name. */
const elsewhere = new Map([
  ["core/src/internal/linkTable.ts retireTime", "figures.ts retire"],
  ["core/src/internal/stream/options.ts maxTimer", "what Node's timers take"],
  ["core/src/internal/stream/outbox.ts maxCopied", "where copying costs more than a write of its own"],
  ["core/src/internal/stream/outbox.ts maxCopiedTwice", "the same"],
  ["discovery-dns/src/Resolver.ts defaultLookupTimeout", "internal/options.ts lookupTimeout"],
  ["discovery-epmd/src/Client.ts maxListing", "Client.ts maxNames"],
  ["transport-ws/src/internal/serveAgain.ts maxHeaderSize", "the user's server has bounded it"],
  ["transport-ws/src/internal/serveAgain.ts requestTimeout", "what Node's servers give"]
])

const isBound = /^(?:max|most)[A-Z]|^(?:longest|widest|patience|timeout)$|(?:Timeout|Limit|Patience|Time)$/

/** The constants of the packages whose names say that they are bounds. The testkit's are those of a simulation. */
const bounds = globSync("packages/*/src/**/*.ts", { cwd: root })
  .filter((file) => !file.startsWith("packages/testkit/"))
  .flatMap((file) =>
    Array.from(
      readFileSync(join(root, file), "utf8").matchAll(
        new RegExp(String.raw`^(?:export )?const (\w+)(?:: [\w.]+)? = ${number}`, "gm")
      ),
      ([, name]) => ({ file: file.replace("packages/", ""), name })
    )
  )
  .filter(({ file, name }) => isBound.test(name) && !elsewhere.has(`${file} ${name}`))

describe("docs/limits.md", () => {
  it("says where each figure stands", () => {
    const all = document.split("\n").filter((line) => line.startsWith("| ") && !/^\| (bound|-)/.test(line))
    expect(rows.length).toBe(all.length)
    expect(rows.length).toBeGreaterThan(60)
  })

  it.each(rows)("$bound: $figure", ({ figure, where: [file, name] }) => {
    const values = valuesOf(readFileSync(join(root, "packages", file), "utf8"), name).filter((value) => value > 1)
    expect([...new Set(values)]).toEqual(figuresOf(figure))
  })

  it.each(bounds)("has $file $name", ({ file, name }) => {
    expect(rows.map(({ where }) => where.join(" "))).toContain(`${file} ${name}`)
  })
})
