import * as Address from "@gc/core/Address"
import * as Discovery from "@gc/core/Discovery"
import * as Peer from "@gc/core/Peer"
import { discoverySuite } from "@gc/testkit/suites"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A discovery of your own: one address in each line of a file. */
const fileDiscovery = (path: string) =>
  Layer.succeed(
    Discovery.Discovery,
    Discovery.poll({
      name: "file",
      lookup: () =>
        Effect.map(
          Effect.tryPromise(() => readFile(path, "utf8")),
          (text) =>
            text
              .split("\n")
              .filter((line) => line !== "")
              .map((line) => Peer.fromAddress(Address.parseUnsafe(line)))
        )
    })
  )

const peers = [
  Peer.fromAddress(Address.make("tcp", "10.0.0.7", 4370)),
  Peer.fromAddress(Address.make("tcp", "10.0.0.8", 4370)),
  Peer.fromAddress(Address.make("tcp", "10.0.0.9", 4370))
] as const

/** The world that it looks at: each check makes its own, and changes it. */
const world = Effect.gen(function* () {
  const folder = yield* Effect.acquireRelease(
    Effect.promise(() => mkdtemp(join(tmpdir(), "gc-"))),
    (made) => Effect.promise(() => rm(made, { recursive: true }))
  )
  const path = join(folder, "nodes")
  const set = (listed: ReadonlyArray<Peer.Peer>) =>
    Effect.promise(async () => {
      // In one step: nobody reads a half of it.
      await writeFile(`${path}.new`, listed.map(Peer.format).join("\n"))
      await rename(`${path}.new`, path)
    })
  yield* set(peers)
  return { layer: fileDiscovery(path), set, fail: Effect.promise(() => rm(path, { force: true })) }
})

discoverySuite("my file", world, {
  peers,
  ends: false,
  changes: true,
  fails: true,
  announces: false,
  polls: true
})
