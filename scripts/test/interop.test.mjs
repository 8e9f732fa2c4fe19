import { spawnSync } from "node:child_process"
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, assert, beforeEach, describe, it } from "vitest"
import { describeMissing, missingPrograms, packagesOf, pathWithServers } from "../interop.mjs"

const all = ["dnsmasq", "named", "epmd", "erl", "elixir", "ip", "nginx", "redis-server"]

let folder = ""
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "gc-interop-"))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const install = (...programs) => {
  for (const program of programs) writeFileSync(join(folder, program), "#!/bin/sh\n", { mode: 0o755 })
}

const names = (missing) => missing.map(({ program }) => program)

describe("the programs of others", () => {
  it("are all missing from an empty PATH, and none where each is somewhere on it", () => {
    assert.deepStrictEqual(names(missingPrograms("")), all)
    install(...all)
    assert.deepStrictEqual(missingPrograms(["/nonexistent", folder].join(delimiter)), [])
  })

  it("are missing when a file of that name cannot be run", () => {
    install(...all)
    chmodSync(join(folder, "named"), 0o644)
    assert.deepStrictEqual(missingPrograms(folder), [{ program: "named", debianPackage: "bind9" }])
  })

  it("are looked for where Debian keeps servers, too", () => {
    assert.strictEqual(pathWithServers("/bin"), ["/bin", "/usr/sbin", "/sbin"].join(delimiter))
    assert.strictEqual(pathWithServers("/usr/sbin:/sbin"), ["/usr/sbin", "/sbin"].join(delimiter))
  })

  it("are each named with their package when they are missing, and each package is installed once", () => {
    install("ip", "named")
    const missing = missingPrograms(folder)
    assert.deepStrictEqual(packagesOf(missing), [
      "dnsmasq-base",
      "erlang-base",
      "elixir",
      "nginx-light",
      "redis-server"
    ])
    assert.strictEqual(
      describeMissing(missing),
      `the interop tests start programs of others, and these are not installed:
  dnsmasq      from the Debian package dnsmasq-base
  epmd         from the Debian package erlang-base
  erl          from the Debian package erlang-base
  elixir       from the Debian package elixir
  nginx        from the Debian package nginx-light
  redis-server from the Debian package redis-server
Install them, as root:
  apt-get update && apt-get install --no-install-recommends dnsmasq-base erlang-base elixir nginx-light redis-server
Then run "npm run test:interop" again. ("npm test" needs none of them.)`
    )
  })
})

const root = fileURLToPath(new URL("../..", import.meta.url))

describe("npm run test:interop", () => {
  it("fails with exit code 1 and runs no test where a program is missing", () => {
    const { status, stderr, stdout } = spawnSync(process.execPath, ["scripts/run.mjs", "test:interop"], {
      cwd: root,
      encoding: "utf8",
      env: { PATH: folder }
    })
    assert.deepStrictEqual({ status, stdout }, { status: 1, stdout: "" })
    assert.match(stderr, /^gc: the interop tests start programs of others/)
    assert.include(stderr, "  elixir       from the Debian package elixir\n")
  })
})

describe(".ci/install-programs", () => {
  it("tells a user who is not root what to run, and installs nothing", () => {
    symlinkSync(process.execPath, join(folder, "node"))
    symlinkSync("/usr/bin/dirname", join(folder, "dirname"))
    writeFileSync(join(folder, "id"), "#!/bin/sh\necho 1000\n", { mode: 0o755 })
    writeFileSync(join(folder, "apt-get"), '#!/bin/sh\necho "$0" "$@"\n', { mode: 0o755 })
    const { status, stderr, stdout } = spawnSync("/bin/bash", [".ci/install-programs"], {
      cwd: root,
      encoding: "utf8",
      env: { PATH: folder }
    })
    assert.deepStrictEqual({ status, stdout }, { status: 1, stdout: "" })
    assert.match(stderr, /As root, run\n {2}apt-get update && apt-get install --no-install-recommends .*elixir/)
    assert.notInclude(stderr, folder)
  })
})
