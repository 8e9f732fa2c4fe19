import type * as Cluster from "@gc/core/Cluster"
import * as NodeName from "@gc/core/NodeName"
import * as Peer from "@gc/core/Peer"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as net from "node:net"
import { material } from "./security.ts"
import { join, at } from "./joining.ts"
import { addressAt, type Kit } from "./kit.ts"

export const diagnoses = (kit: Kit): void => {
  /** The last step, and whether everything before it went well. */
  const verdict = ({ steps }: Cluster.Diagnosis): string => {
    const last = steps.at(-1)!
    assert.isTrue(
      steps.slice(0, -1).every((step) => step.ok),
      JSON.stringify(steps)
    )
    assert.strictEqual(last.remedy === undefined, last.ok)
    return `${last.step} ${last.ok ? "ok" : "broken"}`
  }

  const listening = (answer: (socket: net.Socket) => void) =>
    Effect.acquireRelease(
      Effect.callback<net.Server>((resume) => {
        const server = net.createServer(answer)
        server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
      }),
      (server) => Effect.sync(() => server.close())
    )

  const portOf = (server: net.Server): number => (server.address() as net.AddressInfo).port

  describe("diagnose", () => {
    it.live("walks to a peer that is well, and connects nobody", () =>
      Effect.gen(function* () {
        const a = yield* join(kit, { node: "a@127.0.0.1" })
        const b = yield* join(kit, { node: "b@127.0.0.1" })
        const diagnosis = yield* a.diagnose(at(b.self))
        assert.isTrue(diagnosis.ok)
        assert.deepStrictEqual(
          diagnosis.steps.map(({ step }) => step),
          ["resolve", "connect", "secure", "hello", "authenticate", "admit"]
        )
        assert.lengthOf(yield* a.members, 1)
        assert.lengthOf(yield* b.members, 1)
      })
    )

    it.live("says of a member that it is connected already, and leaves it so", () =>
      Effect.gen(function* () {
        const a = yield* join(kit, { node: "a@127.0.0.1" })
        const b = yield* join(kit, { node: "b@127.0.0.1" })
        yield* a.connect(at(b.self))
        const diagnosis = yield* a.diagnose(at(b.self))
        assert.strictEqual(verdict(diagnosis), "admit ok")
        assert.match(diagnosis.steps.at(-1)!.detail, /connected to this node already/)
        assert.lengthOf(yield* a.members, 2)
      })
    )

    it.live("names the step that fails", () =>
      Effect.gen(function* () {
        const plain = { security: "plain", node: "a@127.0.0.1" } as const
        const a = yield* join(kit, plain)
        const otherCookie = yield* join(kit, { ...plain, cookie: `hex:${"11".repeat(32)}` })
        const otherCluster = yield* join(kit, { ...plain, cluster: "invoices" })
        const otherName = yield* join(kit, { ...plain, node: "c@127.0.0.1" })
        const secured = yield* join(kit, { node: "d@127.0.0.1" })
        const closed = yield* Effect.scoped(
          Effect.map(
            listening(() => {}),
            portOf
          )
        )
        const foreign = yield* listening((socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"))
        const here = (port: number) => Peer.fromAddress(addressAt(kit, port))
        /** Where the answer to a request shows who is there. */
        const began = kit.asks ? "secure" : "hello"
        const portOfSecured = secured.self.addresses[0]!.port

        assert.strictEqual(verdict(yield* a.diagnose(at(otherCookie.self))), "authenticate broken")
        assert.strictEqual(verdict(yield* a.diagnose(at(otherCluster.self))), "hello broken")
        assert.strictEqual(verdict(yield* a.diagnose(here(closed))), "connect broken")
        assert.strictEqual(verdict(yield* a.diagnose(here(portOf(foreign)))), `${began} broken`)
        assert.strictEqual(verdict(yield* a.diagnose(here(portOfSecured))), `${began} broken`)
        assert.strictEqual(verdict(yield* a.diagnose(at(a.self))), "admit broken")
        const expected = { ...at(otherName.self), name: NodeName.make("b@127.0.0.1") }
        assert.strictEqual(verdict(yield* a.diagnose(expected)), "admit broken")
        const psk = yield* join(kit, { node: "e@127.0.0.1", cookie: `hex:${"22".repeat(32)}` })
        assert.strictEqual(verdict(yield* psk.diagnose(at(secured.self))), "secure broken")
      })
    )
  })

  describe("admission", () => {
    it.live("under mTLS a node comes in under the name that its certificate carries, and under no other", () =>
      Effect.gen(function* () {
        const mtls = { security: "mtls" } as const
        const a = yield* join(kit, { ...mtls, node: "a@127.0.0.1" }, { tls: material("node-a") })
        const b = yield* join(kit, { ...mtls, node: "b@b.test" }, { tls: material("node-b") })
        yield* a.connect(at(b.self))
        const other = yield* join(kit, { ...mtls, node: "c@10.99.0.1" }, { tls: material("node-b") })
        const error = yield* Effect.flip(other.connect(at(a.self)))
        assert.strictEqual(error.reason, "not_admitted")
        const reverse = yield* Effect.flip(a.connect(at(other.self)))
        assert.strictEqual(reverse.reason, "not_admitted")
        assert.lengthOf(yield* a.members, 2)
        assert.strictEqual(verdict(yield* a.diagnose(at(other.self))), "admit broken")
      })
    )

    it.live("the option admit turns away whom it does not let in, dialed or dialing", () =>
      Effect.gen(function* () {
        const picky = yield* join(kit, { node: "a@127.0.0.1", admit: ({ appVersion }) => appVersion === "2" })
        const old = yield* join(kit, { node: "b@127.0.0.1", appVersion: "1" })
        const fresh = yield* join(kit, { node: "c@127.0.0.1", appVersion: "2" })
        assert.strictEqual((yield* Effect.flip(old.connect(at(picky.self)))).reason, "not_admitted")
        assert.strictEqual((yield* Effect.flip(picky.connect(at(old.self)))).reason, "not_admitted")
        assert.strictEqual((yield* fresh.connect(at(picky.self))).name, "a@127.0.0.1")
        assert.lengthOf(yield* old.members, 1)
      })
    )
  })
}
