import { assert, describe, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll } from "vitest"
import { createSecret, readBounded, readSecret } from "../../src/internal/files.ts"

const folder = mkdtempSync(join(tmpdir(), "gc-files-"))
afterAll(() => rmSync(folder, { recursive: true }))

const fileWith = (name: string, text: string, mode = 0o600) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

describe("a secret's file", () => {
  it("is read without the end of its line", () => {
    assert.deepStrictEqual(readSecret(fileWith("unix", "secret\n")), { _tag: "Read", text: "secret" })
    assert.deepStrictEqual(readSecret(fileWith("windows", "secret\r\n")), { _tag: "Read", text: "secret" })
    assert.deepStrictEqual(readSecret(fileWith("blanks", " sec ret ")), { _tag: "Read", text: " sec ret " })
  })

  it("is not read when others may read it", () => {
    for (const mode of [0o640, 0o604, 0o660, 0o601]) {
      assert.deepStrictEqual(readSecret(fileWith("open", "secret", mode)), {
        _tag: "Exposed",
        mode: `0${mode.toString(8)}`
      })
    }
  })

  it("is missing, or cannot be read", () => {
    assert.deepStrictEqual(readSecret(join(folder, "nothing")), { _tag: "Missing" })
    assert.deepStrictEqual(readSecret(join(fileWith("file", ""), "below")), { _tag: "Failed", detail: "ENOTDIR" })
  })

  it("is read without the mark that some editors put before it", () => {
    assert.deepStrictEqual(readSecret(fileWith("marked", "\ufeffsecret")), { _tag: "Read", text: "secret" })
  })

  it("is a file: nobody waits for what a pipe may bring, nor reads without an end", () => {
    const pipe = join(folder, "pipe")
    execFileSync("mkfifo", ["-m", "600", pipe])
    const failed = { _tag: "Failed", detail: "it is a pipe or a device" } as const
    for (const path of [pipe, "/dev/zero"])
      assert.deepStrictEqual([readSecret(path), readBounded(path)], [failed, failed])
    const long = fileWith("long", "a".repeat(1024 * 1024 + 1))
    assert.deepStrictEqual(readSecret(long), { _tag: "Failed", detail: "it has more than 1048576 bytes" })
  })

  it("is made for its owner alone, and leaves no draft behind", () => {
    const path = join(folder, "made")
    assert.deepStrictEqual(createSecret(path, "secret", "1"), { _tag: "Read", text: "secret" })
    assert.strictEqual(statSync(path).mode & 0o777, 0o600)
    assert.strictEqual(readFileSync(path, "utf8"), "secret\n")
    assert.isFalse(readdirSync(folder).some((name) => name.startsWith("made.")))
  })

  it("is made once: whoever comes second reads what the first one wrote", () => {
    const path = join(folder, "once")
    createSecret(path, "first", "1")
    assert.deepStrictEqual(createSecret(path, "second", "2"), { _tag: "Read", text: "first" })
  })

  it("cannot be made in a folder that is not there", () => {
    assert.deepStrictEqual(createSecret(join(folder, "no", "file"), "secret", "1"), {
      _tag: "Failed",
      detail: "ENOENT"
    })
  })
})
