import { assert, describe, it } from "@effect/vitest"
import type * as Cluster from "@gc/core/Cluster"
import type * as Observer from "@gc/core/Observer"
import * as Peer from "@gc/core/Peer"
import * as Effect from "effect/Effect"
import * as net from "node:net"
import type { StreamOptions } from "@gc/core/StreamOptions"
import { until, withOwnMetrics } from "./support.ts"
import { material } from "./security.ts"
import { blackhole } from "./peers.ts"
import { join, at } from "./joining.ts"
import { observer, watch } from "./observing.ts"
import { addressAt, type Kit } from "./kit.ts"

export const observerDiagnoses = (kit: Kit): void => {
  const other = `hex:${"11".repeat(32)}`

  const mtls = { security: "mtls" } as const
  const plain = { security: "plain" } as const
  const bare = { ...mtls, cookie: undefined }

  const tls = (name: string, ca?: string): StreamOptions => ({ tls: material(name, ca) })

  /** A node, an observer, and what a diagnosis of the one by the other must say. */
  interface Case {
    readonly what: string
    readonly node: readonly [options: Partial<Cluster.Options>, own?: StreamOptions]
    readonly from: readonly [options: Partial<Observer.Options>, own?: StreamOptions]
    readonly step: Cluster.DiagnosisStep["step"]
    readonly reason: Cluster.DiagnosisReason
    readonly detail: RegExp
    readonly remedy: RegExp
    /** The other end has proved itself although it does not let the observer watch. */
    readonly known?: true
  }

  const cases: ReadonlyArray<Case> = [
    {
      what: "another cookie over TLS",
      node: [{ cookie: other }],
      from: [{}],
      step: "secure",
      reason: "wrong_cookie",
      detail: /DECRYPT_ERROR|ILLEGAL_PARAMETER/,
      remedy: /^the cookies differ/
    },
    {
      what: "another cookie without TLS",
      node: [{ ...plain, cookie: other }],
      from: [plain],
      step: "authenticate",
      reason: "wrong_cookie",
      detail: /auth_failed/,
      remedy: /^the cookies differ/
    },
    {
      what: "another cluster over TLS",
      node: [{ cluster: "invoices" }],
      from: [{}],
      step: "secure",
      reason: "other_cluster",
      detail: /HANDSHAKE_FAILURE/,
      remedy: /does not know this cluster/
    },
    {
      what: "another cluster without TLS",
      node: [{ ...plain, cluster: "invoices" }],
      from: [plain],
      step: "hello",
      reason: "other_cluster",
      detail: /cluster_mismatch/,
      remedy: /compare the option cluster/
    },
    {
      what: "a plain node, by psk",
      node: [plain],
      from: [{}],
      step: "secure",
      reason: "mode_mismatch",
      detail: /a gc node with security plain/,
      remedy: /security psk, the node there plain: give both the same/
    },
    {
      what: "a plain node, by mtls",
      node: [plain],
      from: [mtls, tls("node-b")],
      step: "secure",
      reason: "mode_mismatch",
      detail: /a gc node with security plain/,
      remedy: /security mtls, the node there plain/
    },
    {
      what: "a psk node, by plain",
      node: [{}],
      from: [plain],
      step: "secure",
      reason: "mode_mismatch",
      detail: /a gc node with security psk/,
      remedy: /security plain, the node there psk/
    },
    {
      what: "a psk node of another cookie, by plain",
      node: [{ cookie: other }],
      from: [plain],
      step: "secure",
      reason: "mode_mismatch",
      detail: /a gc node with security psk/,
      remedy: /security plain, the node there psk/
    },
    {
      what: "an mtls node, by plain",
      node: [mtls, tls("node-a")],
      from: [plain],
      step: "secure",
      reason: "mode_mismatch",
      detail: /a gc node with security mtls/,
      remedy: /security plain, the node there mtls/
    },
    {
      what: "an mtls node, by psk",
      node: [mtls, tls("node-a")],
      from: [{}],
      step: "secure",
      reason: "mode_mismatch",
      detail: /shows a certificate/,
      remedy: /has security mtls/
    },
    {
      what: "a psk node, by mtls",
      node: [{}],
      from: [mtls, tls("node-b")],
      step: "secure",
      reason: "mode_mismatch",
      detail: /HANDSHAKE_FAILURE/,
      remedy: /it has security psk/
    },
    {
      what: "an expired certificate there",
      node: [mtls, tls("expired")],
      from: [mtls, tls("node-b")],
      step: "secure",
      reason: "certificate_expired",
      detail: /CERT_HAS_EXPIRED/,
      remedy: /past its end date.*clocks/
    },
    {
      what: "a certificate of another authority there",
      node: [mtls, tls("foreign", "other-ca")],
      from: [mtls, tls("node-b")],
      step: "secure",
      reason: "certificate_refused",
      detail: /SELF_SIGNED|UNABLE_TO/,
      remedy: /of another authority/
    },
    {
      what: "an expired certificate here",
      node: [mtls, tls("node-a")],
      from: [mtls, tls("expired")],
      step: kit.asks ? "secure" : "hello",
      reason: "certificate_refused",
      detail: /does not accept this side's certificate/,
      remedy: /expired, or of another authority/
    },
    {
      what: "a node that has a cookie with its certificate, by one that has none",
      node: [mtls, tls("node-a")],
      from: [bare, tls("node-b")],
      step: "hello",
      reason: "wrong_cookie",
      detail: /auth_failed/,
      remedy: /or neither has one/
    },
    {
      what: "a certificate for another name",
      node: [{ ...mtls, node: "n@10.99.0.1" }, tls("node-a")],
      from: [mtls, tls("node-b")],
      step: "admit",
      reason: "certificate_name",
      detail: /the certificate names/,
      remedy: /certificate for the host of n@10\.99\.0\.1/,
      known: true
    }
  ]

  const failing = ({ steps }: Cluster.Diagnosis): Cluster.DiagnosisStep => {
    const [first, ...more] = steps.filter((step) => !step.ok)
    assert.isDefined(first, "a step fails")
    assert.lengthOf(more, 0)
    assert.strictEqual(steps.at(-1), first, "and it is the last")
    return first!
  }

  const here = (port: number): Peer.Peer => Peer.fromAddress(addressAt(kit, port))

  /** Something that listens and is no node; its port. */
  const stranger = (answer: (socket: net.Socket) => void) =>
    Effect.map(
      Effect.acquireRelease(
        Effect.callback<readonly [net.Server, Set<net.Socket>]>((resume) => {
          const sockets = new Set<net.Socket>()
          const server = net.createServer((socket) => {
            sockets.add(socket.on("error", () => {}))
            answer(socket)
          })
          server.listen(0, "127.0.0.1", () => resume(Effect.succeed([server, sockets])))
        }),
        ([server, sockets]) =>
          Effect.sync(() => {
            for (const socket of sockets) socket.destroy()
            server.close()
          })
      ),
      ([server]) => (server.address() as net.AddressInfo).port
    )

  describe("a diagnosis by an observer", () => {
    for (const { detail, from, known, node, reason, remedy, step, what } of cases) {
      it.live(`names ${what}`, () =>
        Effect.gen(function* () {
          const there = yield* join(kit, { node: "n@127.0.0.1", ...node[0] }, node[1])
          const diagnosis = yield* (yield* observer(kit, ...from)).diagnose(at(there.self))
          const failed = failing(diagnosis)
          assert.deepStrictEqual([failed.step, failed.reason], [step, reason])
          assert.match(failed.detail, detail)
          assert.match(failed.remedy ?? "", remedy)
          assert.isFalse(diagnosis.ok)
          assert.strictEqual(diagnosis.node !== undefined, known === true)
          assert.lengthOf(yield* there.members, 1)
        })
      )
    }

    it.live("names a port that refuses, one that says nothing, and one of another service", () =>
      Effect.gen(function* () {
        const closed = yield* Effect.scoped(stranger(() => {}))
        const mute = yield* stranger(() => {})
        const web = yield* stranger((socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"))
        const [psk, open] = [yield* observer(kit, {}, { connectTimeout: "300 millis" }), yield* observer(kit, plain)]
        for (const watcher of [psk, open]) {
          const refused = failing(yield* watcher.diagnose(here(closed)))
          assert.deepStrictEqual([refused.step, refused.reason], ["connect", "refused"])
          const another = failing(yield* watcher.diagnose(here(web)))
          const [reason, detail] = !kit.asks
            ? ["no_gc_node", /no gc node: it begins with "HTTP"/]
            : watcher === open
              ? ["upgrade_refused", /HTTP 400 and no upgrade/]
              : ["no_gc_node", /does not speak TLS/]
          assert.strictEqual(another.reason, reason)
          assert.match(another.detail, detail as RegExp)
        }
        const silent = failing(yield* psk.diagnose(here(mute)))
        assert.deepStrictEqual([silent.step, silent.reason], ["secure", "hangs"])
        assert.match(silent.remedy ?? "", /takes connections and says nothing/)
      })
    )

    it.live("names a port behind a firewall that drops packets", () =>
      Effect.gen(function* () {
        const dropped = Peer.fromAddress(yield* blackhole(kit))
        for (const options of [{}, plain]) {
          const watcher = yield* observer(kit, options, { connectTimeout: "300 millis" })
          const failed = failing(yield* watcher.diagnose(dropped))
          assert.deepStrictEqual([failed.step, failed.reason], ["connect", "no_answer"])
          assert.match(failed.detail, /no connection within 300 ms/)
          assert.match(failed.remedy ?? "", /firewall, security group or network policy/)
        }
      })
    )

    it.live("tells who the node is, and changes nothing there: a member of its name stays, and nobody conflicts", () =>
      withOwnMetrics(
        Effect.gen(function* () {
          const a = yield* join(kit, { node: "a@127.0.0.1", appVersion: "2.1" })
          const b = yield* join(kit, { node: "b@127.0.0.1" })
          yield* a.connect(at(b.self))
          const watching = yield* watch(yield* observer(kit), at(a.self))
          yield* until(() => watching.told.length === 3)
          for (const name of ["a@127.0.0.1", "b@127.0.0.1", "c@127.0.0.1"]) {
            const diagnosis = yield* (yield* observer(kit, { name })).diagnose(at(a.self))
            assert.isTrue(diagnosis.ok, JSON.stringify(diagnosis))
            assert.deepStrictEqual(
              diagnosis.steps.map(({ step }) => step),
              ["resolve", "connect", "secure", "hello", "authenticate", "admit"]
            )
            const { addresses, generation, instance, name: itself } = a.self
            assert.deepStrictEqual(diagnosis.node, { name: itself, instance, generation, addresses, appVersion: "2.1" })
          }
          yield* b.updateMetadata({ still: "here" })
          yield* until(() => watching.told.length === 4)
          assert.deepStrictEqual(watching.told.slice(3), ["Updated b@127.0.0.1"])
          assert.lengthOf(yield* a.members, 2)
        })
      )
    )

    it.live("tells who answers where another was expected", () =>
      Effect.gen(function* () {
        const a = yield* join(kit, { node: "a@127.0.0.1" })
        const diagnosis = yield* (yield* observer(kit)).diagnose({ ...at(a.self), name: "b@127.0.0.1" as never })
        assert.strictEqual(failing(diagnosis).detail, "a@127.0.0.1 answers")
        assert.strictEqual(failing(diagnosis).reason, "another_node")
        assert.strictEqual(diagnosis.node?.name, "a@127.0.0.1")
      })
    )
  })
}
