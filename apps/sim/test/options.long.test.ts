import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { parse } from "../src/options.ts"

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url))

const run = (args: ReadonlyArray<string>) =>
  new Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>((resolve) => {
    const child = execFile(process.execPath, [main, ...args], (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr })
    )
  })

describe("the arguments", () => {
  it.each([
    [["--scenario", "bogus"], /--scenario .*"bogus".* kill, /],
    [["--scenario", "kill,,start"], /--scenario/],
    [["--seeds", "abc"], /--seeds takes whole numbers from 1 to 1000000, not "abc"/],
    [["--seeds", "0"], /--seeds/],
    [["--seed", "1.5"], /--seed takes whole numbers/],
    [["--seed", "-1"], /--seed/],
    [["--n", "0"], /--n takes whole numbers from 2 to 1000, not "0"/],
    [["--n", "10,many"], /--n .*"many"/],
    [["--n"], /--n needs a value/],
    [["--n", "--json"], /--n needs a value/],
    [["--threads", "0"], /--threads/],
    [["--bogus"], /no option --bogus; --help/],
    [["--bogus=1"], /no option --bogus; --help/],
    [["-x"], /no option -x; --help/],
    [["kill"], /"kill" is no option; --help/],
    [["--mutant", "bogus"], /--mutant .*"bogus".* first-wins, /],
    [["--json=yes"], /--json takes no value/],
    [["--short", "--long"], /--short and --long exclude each other/],
    [["--seed", "1", "--seeds", "2"], /--seed and --seeds exclude each other/],
    [["--mutants", "--n", "10"], /--mutants and --n exclude each other/],
    [["--n", "10", "--n", "50"], /--n is there twice/]
  ] as const)("%j are refused in one line", (args, message) => {
    expect(() => parse(args)).toThrow(message)
    expect(() => parse(args)).not.toThrow(/\n/)
  })

  it("that are good are taken", () => {
    expect(parse(["--", "--long", "--scenario", "kill,half", "--n=10,50", "--seeds", "5", "--json"])).toMatchObject({
      plan: "long",
      scenarios: ["kill", "half"],
      sizes: [10, 50],
      seeds: 5,
      seed: undefined,
      threads: 2,
      json: true
    })
    expect(parse([])).toMatchObject({ plan: "default", sizes: undefined, mutants: false })
  })
})

describe("the program", () => {
  it.each([["--scenario", "bogus"], ["--seeds", "abc"], ["--n", "0"], ["--bogus"], ["--mutant", "bogus"]])(
    "answers %s %s with one line and the exit code 2",
    async (...args) => {
      const { code, stderr, stdout } = await run(args.filter((each) => each !== undefined))
      expect([code, stdout]).toEqual([2, ""])
      expect(stderr).toMatch(new RegExp(`^npm run sim: .*${args[0]}.*\\n$`))
    },
    60_000
  )
})
