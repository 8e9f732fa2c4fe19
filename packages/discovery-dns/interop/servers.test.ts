import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { afterAll } from "vitest"
import { firstLook, type Look, naive, type Seen, seen, withNode } from "./clients.ts"
import { type Lab, labs } from "./lab.ts"
import { withoutTcp } from "./relay.ts"
import { table } from "./report.ts"
import { endlessRows, minimalRows, namedAliases, type Row, rows, zone } from "./rows.ts"

const lines: Array<ReadonlyArray<string>> = []
const titles = ["server", "case", "asked", "seen", "questions", "ms", "with `node:dns`", "in one datagram"]
const programs = new Map<string, string>()

const plural = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`

const count = (found: Seen): string => (found === "failure" ? found : plural(found.length, "peer"))

const options = ({ domain, ...rest }: Look): string =>
  [domain, ...Object.entries(rest).map(([key, value]) => `${key} ${JSON.stringify(value)}`)].join(", ")

/** Asks the server with this package, and with two others that see something else where the row says so. */
const check = Effect.fnUntraced(function* (lab: Lab, row: Row) {
  const { look, tells = [] } = row
  programs.set(`${lab.version}`, lab.command)
  const server = row.withoutTcp === true ? yield* withoutTcp(lab.address) : lab.address
  const began = performance.now()
  const found = yield* firstLook([server], look)
  const millis = performance.now() - began
  assert.deepStrictEqual(seen(found), row.expected, row.what)

  const [, questions] = yield* lab.counting(firstLook([server], look))
  if (row.questions !== undefined) assert.strictEqual(questions, row.questions, `${row.what}: questions`)
  const [byNode, nodesQuestions] = yield* lab.counting(withNode(server, look))
  const byNaive = look.type === "A" || look.type === "AAAA" ? yield* naive(server, look.domain, look.type) : undefined
  if (tells.includes("node")) assert.notDeepEqual(byNode, row.expected, `${row.what}: Node sees the same`)
  if (tells.includes("naive")) assert.notDeepEqual(byNaive, row.expected, `${row.what}: one datagram is enough`)
  if (tells.includes("questions")) assert.isAbove(nodesQuestions, questions)
  lines.push([
    lab.name,
    row.what,
    `\`${options(look)}\``,
    count(seen(found)),
    String(questions),
    millis.toFixed(1),
    `${count(byNode)}, ${plural(nodesQuestions, "question")}`,
    byNaive === undefined ? "" : count(byNaive)
  ])
  return found
})

describe.each(labs)("$name", ({ name, open }) => {
  it.live("answers, and each row is seen as it is", () =>
    Effect.gen(function* () {
      const lab = yield* open(name === "named" ? { ...zone, aliases: { ...zone.aliases, ...namedAliases } } : zone)
      for (const row of rows) if (row.only === undefined || row.only === name) yield* check(lab, row)
      if (name === "named") for (const row of endlessRows) yield* check(lab, row)
    })
  )

  it.live("tells no part of an answer for the whole: an error names what is wrong", () =>
    Effect.gen(function* () {
      const lab = yield* open(zone)
      const server = yield* withoutTcp(lab.address)
      const look = yield* firstLook([server], { domain: "many.shop.test", type: "A" })
      assert.strictEqual(look._tag, "Unknown")
      if (look._tag === "Unknown") assert.include(look.error.message, "let TCP through to it")
    })
  )
})

describe("named without the additional section", () => {
  it.live("is asked for each target", () =>
    Effect.gen(function* () {
      const lab = yield* labs[0].open({ ...zone, minimal: true })
      for (const row of minimalRows) yield* check(lab, row)
    })
  )
})

afterAll(() => {
  const versions = [...programs].map(([version, command]) => `${version}: ${command.slice(0, 300)}`)
  process.stdout.write(`\n${versions.join("\n")}\n\n${table(titles, lines)}\n`)
})
