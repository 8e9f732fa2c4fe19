import { spawnSync } from "node:child_process"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { Place } from "./support/program.ts"
import manifest from "../package.json" with { type: "json" }

let place: Place
beforeAll(async () => {
  place = await Place.make()
})
afterAll(() => place.close())

const commands = [
  "try",
  "start",
  "members",
  "watch",
  "discover",
  "doctor",
  "config",
  "config check",
  "config schema",
  "config reference",
  "keygen"
]

describe("the help", () => {
  it.each(commands)("of gcluster %s has examples", async (command) => {
    const { code, stderr, stdout } = await place.run([...command.split(" "), "--help"])
    assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: "" })
    assert.match(stdout, /DESCRIPTION\n {2}\S/)
    assert.match(stdout, /EXAMPLES\n {2}# \S/)
  })

  it("is what gcluster alone prints, with every command", async () => {
    const { code, stdout } = await place.run([])
    assert.strictEqual(code, 0)
    for (const command of ["try", "start", "config", "keygen"])
      assert.match(stdout, new RegExp(`^ {2}${command} +\\S`, "m"))
  })

  it("has no colours where nobody sees them", async () => {
    // oxlint-disable-next-line no-control-regex
    assert.notMatch((await place.run(["--help"])).stdout, /\u001b/)
  })
})

it("the version is the package's", async () => {
  assert.deepInclude(await place.run(["--version"]), { code: 0, stdout: `gcluster ${manifest.version}\n`, stderr: "" })
})

describe("wrong usage", () => {
  it.each([
    { args: ["strat"], says: 'Unknown subcommand "strat"', meant: "start" },
    { args: ["config", "chekc"], says: 'Unknown subcommand "chekc"', meant: "check" },
    { args: ["start", "--confg", "x"], says: "Unrecognized flag: --confg", meant: "--config" },
    { args: ["try", "a", "b"], says: "Unexpected", meant: "gcluster try --help" },
    { args: ["try", "a b"], says: '"a b" is no name of a node', meant: "letters" }
  ])("$args ends with 2, says what is wrong and what is near, on stderr", async ({ args, meant, says }) => {
    const { code, stderr, stdout } = await place.run(args)
    assert.deepStrictEqual({ code, stdout }, { code: 2, stdout: "" })
    assert.include(stderr, says)
    assert.include(stderr, meant)
  })
})

const has = (shell: string): boolean => spawnSync(shell, ["--version"]).status === 0

describe("completions", () => {
  it("for bash offer the commands, and the flags of a command", async () => {
    const { stdout } = await place.run(["--completions", "bash"])
    const offered = (line: string): ReadonlyArray<string> => {
      const words = line.split(" ")
      const script = `${stdout}
COMP_WORDS=(${words.map((word) => `"${word}"`).join(" ")}); COMP_CWORD=${words.length - 1}; COMP_LINE="${line}"; COMP_POINT=${line.length}
"$(complete -p gcluster | sed 's/.*-F \\([^ ]*\\).*/\\1/')" gcluster "${words.at(-1)}" "${words.at(-2)}"
printf '%s\\n' "\${COMPREPLY[@]}"`
      const { status, stdout: replies, stderr } = spawnSync("bash", ["--norc", "-c", script], { encoding: "utf8" })
      assert.deepStrictEqual({ status, stderr }, { status: 0, stderr: "" })
      return replies.split("\n").map((reply) => reply.trim())
    }
    assert.include(offered("gcluster st"), "start")
    assert.includeMembers([...offered("gcluster config ")], ["check", "schema", "reference"])
    assert.includeMembers([...offered("gcluster start --")], ["--config", "--json"])
  })

  it.each([
    { shell: "zsh", marker: "#compdef gcluster" },
    { shell: "fish", marker: "complete -c gcluster" }
  ])("for $shell name the commands, and $shell reads them where it is installed", async ({ marker, shell }) => {
    const { code, stdout } = await place.run(["--completions", shell])
    assert.strictEqual(code, 0)
    assert.include(stdout, marker)
    assert.include(stdout, "keygen")
    if (has(shell)) {
      const { status, stderr } = spawnSync(shell, ["-n"], { input: stdout, encoding: "utf8" })
      assert.deepStrictEqual({ status, stderr }, { status: 0, stderr: "" })
    }
  })
})
