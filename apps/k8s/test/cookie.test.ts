/**
 * What a pod's process gets to see of a secret, with the owners, modes and links that the kubelet gives it, and what the node
 * makes of it. Owners and other users are played where the tests run as root; modes are played by everybody.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Cluster from "@gc/core/Cluster"
import * as Discovery from "@gc/core/Discovery"
import * as Tcp from "@gc/transport-tcp"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as References from "effect/References"
import { spawnSync } from "node:child_process"
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { podOf, readManifest } from "./support/manifests.ts"

const cookie = `hex:${"0123456789abcdef".repeat(4)}`
const { before, pod } = podOf(readManifest("manifests/a.yaml"))

const isRoot = process.getuid?.() === 0
const user = isRoot ? { uid: pod.securityContext?.runAsUser ?? 0, gid: pod.securityContext?.runAsGroup ?? 0 } : {}

const folder = Effect.acquireRelease(
  Effect.sync(() => {
    const made = mkdtempSync(join(tmpdir(), "gc-k8s-"))
    chmodSync(made, 0o755)
    return made
  }),
  (made) => Effect.sync(() => rmSync(made, { recursive: true, force: true }))
)

/**
 * A secret's volume: the file stands in a folder with a date for a name, a link leads to that folder and another to the file. The
 * file is root's; with a group of the pod it belongs to that, and the kubelet adds 0440 to its mode.
 */
const secretVolume = (
  path: string,
  { fsGroup, mode }: { readonly mode: number; readonly fsGroup?: number }
): string => {
  const dated = join(path, "..2026_01_31_12_00_00.123456789")
  mkdirSync(dated, { recursive: true })
  writeFileSync(join(dated, "cookie"), `${cookie}\n`)
  if (isRoot) chownSync(join(dated, "cookie"), 0, fsGroup ?? 0)
  chmodSync(join(dated, "cookie"), fsGroup === undefined ? mode : mode | 0o440)
  symlinkSync("..2026_01_31_12_00_00.123456789", join(path, "..data"))
  symlinkSync("..data/cookie", join(path, "cookie"))
  return join(path, "cookie")
}

/** Whether the pod's user can read a file. */
const isReadable = (path: string): boolean => spawnSync("cat", [path], user).status === 0

/** What core says of a cookie's file. */
const judgement = (cookieFile: string) =>
  Cluster.make({ cluster: "k8s", node: "a@127.0.0.1", cookieFile }).pipe(
    Effect.provide(
      Layer.merge(Layer.succeed(Discovery.Discovery, Discovery.empty), Tcp.layer({ host: "127.0.0.1", port: 0 }))
    ),
    Effect.provideService(References.MinimumLogLevel, "Warn"),
    Effect.scoped,
    Effect.match({ onFailure: ({ reason }) => reason._tag, onSuccess: () => "Joined" })
  )

describe("a secret mounted into the node's container", () => {
  it.live("with mode 0400 is root's alone: the node's user cannot read it", () =>
    Effect.gen(function* () {
      const path = secretVolume(yield* folder, { mode: 0o400 })
      if (isRoot) assert.isFalse(isReadable(path))
      assert.strictEqual(yield* judgement(path), "Joined")
    })
  )

  it.live("with mode 0400 and a group of the pod has mode 0440, which the node refuses", () =>
    Effect.gen(function* () {
      const path = secretVolume(yield* folder, { mode: 0o400, fsGroup: 1000 })
      assert.isTrue(isReadable(path))
      assert.strictEqual(yield* judgement(path), "CookieExposed")
    })
  )

  it.live("with mode 0444 is everybody's, which the node refuses", () =>
    Effect.gen(function* () {
      const path = secretVolume(yield* folder, { mode: 0o444 })
      assert.isTrue(isReadable(path))
      assert.strictEqual(yield* judgement(path), "CookieExposed")
    })
  )
})

describe("the manifests' init container", () => {
  const play = (secret: string, own: string) => {
    const places: Record<string, string> = { "/mnt/secret/cookie": secret, "/mnt/cookie/cookie": join(own, "cookie") }
    const [program = "", ...args] = (before.command ?? []).map((word) => places[word] ?? word)
    return spawnSync(program, args, { ...user, encoding: "utf8" })
  }

  it.live("makes a copy that is the node's user's alone, which the node takes", () =>
    Effect.gen(function* () {
      const made = yield* folder
      const secret = secretVolume(join(made, "secret"), { mode: 0o444 })
      const own = join(made, "own")
      mkdirSync(own)
      // So the kubelet makes an emptyDir.
      chmodSync(own, 0o777)
      // The second time is after an init container that was killed.
      for (const _ of [1, 2]) {
        const { status, stderr } = play(secret, own)
        assert.deepStrictEqual({ status, stderr }, { status: 0, stderr: "" })
      }
      const { gid, mode, uid } = statSync(join(own, "cookie"))
      assert.strictEqual(mode & 0o777, 0o400)
      if (isRoot) assert.deepStrictEqual({ uid, gid }, user)
      assert.isTrue(isReadable(join(own, "cookie")))
      assert.strictEqual(yield* judgement(join(own, "cookie")), "Joined")
    })
  )

  it.live("fails where there is no such key in the secret", () =>
    Effect.gen(function* () {
      const made = yield* folder
      const { status, stderr } = play(join(made, "cookie"), made)
      assert.strictEqual(status, 1)
      assert.include(stderr, "cannot stat")
    })
  )
})
