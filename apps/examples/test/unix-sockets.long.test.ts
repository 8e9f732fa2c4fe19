import { assert, it } from "@effect/vitest"
import type { Address } from "@gc/core/Address"
import { Cluster, layerFile } from "@gc/core/Cluster"
import * as Static from "@gc/discovery-static"
import { transportSuite } from "@gc/testkit/suites"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createConnection, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll } from "vitest"
import * as Unix from "../src/unix-sockets/transport.ts"

const folder = mkdtempSync(join(tmpdir(), "gc-unix-"))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const opened = ({ port }: Address) =>
  Effect.callback<Socket, Error>((resume) => {
    const socket = createConnection(join(folder, `${port}.sock`))
    socket.once("connect", () => resume(Effect.succeed(socket)))
    socket.once("error", (error) => resume(Effect.fail(error)))
  })

const ended = (socket: Socket): Effect.Effect<void> =>
  Effect.callback((resume) => {
    if (socket.destroyed) return resume(Effect.void)
    socket.resume()
    socket.once("close", () => resume(Effect.void))
  })

transportSuite("unix sockets", Unix.layer({ folder }), {
  protocols: ["unix"],
  modes: ["plain"],
  refusal: true,
  remoteHost: "127.0.0.1",
  raw: (address) =>
    Effect.acquireRelease(opened(address), (socket) => Effect.sync(() => socket.destroy())).pipe(
      Effect.map((socket) => ({
        write: (bytes: Uint8Array) => Effect.sync(() => void socket.write(bytes)),
        ended: ended(socket)
      }))
    )
})

const configured = (name: string, port: number) =>
  Effect.suspend(() => {
    const file = join(folder, `${name}.json`)
    const options = {
      cluster: "examples",
      node: `${name}@127.0.0.1`,
      cookie: `hex:${"07".repeat(32)}`,
      security: "plain",
      transport: { unix: { folder, port } },
      discovery: { static: { nodes: ["unix://127.0.0.1:4370"] } }
    }
    writeFileSync(file, JSON.stringify(options), { mode: 0o600 })
    return Layer.build(layerFile(file, { discovery: [Static.plugin], transport: [Unix.plugin] }))
  })

it.live("nodes that are configured with it form a cluster", () =>
  Effect.gen(function* () {
    const nodes = [yield* configured("a", 4370), yield* configured("b", 0), yield* configured("c", 0)]
    for (const node of nodes) {
      const cluster = yield* Cluster.pipe(Effect.provide(node))
      yield* cluster.awaitMembers(3)
      const names = (yield* cluster.members).map((member) => member.name).toSorted()
      assert.deepStrictEqual(names, ["a@127.0.0.1", "b@127.0.0.1", "c@127.0.0.1"])
    }
  })
)
