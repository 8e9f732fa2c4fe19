/**
 * What the Dockerfile says, done without Docker: its files copied, its install run, its command started as its user.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { spawnSync } from "node:child_process"
import {
  chmodSync,
  chownSync,
  constants,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join, matchesGlob, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { variables } from "../src/settings.ts"
import { readDockerfile } from "../test/support/dockerfile.ts"
import { freePort } from "../test/support/freePort.ts"
import { environmentOf, readManifest, readText } from "../test/support/manifests.ts"
import { startPod } from "../test/support/pod.ts"

const root = fileURLToPath(new URL("../../..", import.meta.url))
const ignored = readText("Dockerfile.dockerignore").trimEnd().split("\n")
const [build, image] = readDockerfile(readText("Dockerfile"))
const isRoot = process.getuid?.() === 0

/** The root of the image's file system. */
const makeImage = Effect.gen(function* () {
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "gc-image-"))),
    (made) => Effect.sync(() => rmSync(made, { recursive: true, force: true }))
  )
  chmodSync(folder, 0o755)
  const app = join(folder, "app")
  mkdirSync(app)
  const isKept = (path: string) => !ignored.some((pattern) => matchesGlob(relative(root, path), pattern))
  for (const { sources, target } of build?.copies ?? []) {
    for (const source of sources) {
      const to = target.endsWith("/") ? join(app, target, source) : join(app, target)
      cpSync(join(root, source), to, { recursive: true, filter: isKept })
    }
  }
  for (const { instruction, value } of build?.steps ?? []) {
    if (instruction !== "RUN") continue
    const { status, stderr, stdout } = spawnSync("sh", ["-c", value], { cwd: app, encoding: "utf8" })
    assert.strictEqual(status, 0, `${value}\n${stdout}${stderr}`)
  }
  // The image's Node: the one that runs this may stand where only root can read.
  copyFileSync(process.execPath, join(folder, "node"), constants.COPYFILE_FICLONE)
  return { folder, app }
})

const valueOf = (name: string) => image?.steps.find(({ instruction }) => instruction === name)?.value ?? ""

describe("the image", () => {
  it.live("holds a program that joins, and leaves on SIGTERM", () =>
    Effect.gen(function* () {
      const { app, folder } = yield* makeImage
      const [uid = -1, gid = -1] = valueOf("USER").split(":").map(Number)
      const cookieFile = join(folder, "cookie")
      writeFileSync(cookieFile, `hex:${"0123456789abcdef".repeat(4)}`, { mode: 0o400 })
      if (isRoot) chownSync(cookieFile, uid, gid)
      writeFileSync(join(folder, "resolv.conf"), "nameserver 127.0.0.1\n")
      const [node = "", ...args]: ReadonlyArray<string> = JSON.parse(valueOf("CMD"))
      const pod = yield* startPod(
        {
          ...environmentOf(readManifest("manifests/a.yaml"), "gc-a-1", "127.0.0.1"),
          [variables.cookieFile]: cookieFile,
          [variables.resolvConf]: join(folder, "resolv.conf"),
          [variables.port]: `${yield* freePort("127.0.0.1")}`,
          [variables.healthPort]: `${yield* freePort("::")}`
        },
        { command: [join(folder, node), ...args], cwd: app, user: isRoot ? { uid, gid } : {} }
      )
      yield* pod.said(`Up ${pod.node}`)
      assert.strictEqual((yield* pod.page("/healthz")).status, 200)
      pod.kill("SIGTERM")
      assert.strictEqual(yield* pod.ended, 0)
      assert.strictEqual(pod.complaint(), "")
    })
  )
})
