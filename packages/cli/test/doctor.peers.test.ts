import * as Address from "@gc/core/Address"
import type { Diagnosis } from "@gc/core/Cluster"
import type { Observer } from "@gc/core/Observer"
import * as Peer from "@gc/core/Peer"
import * as Effect from "effect/Effect"
import { assert, describe, it } from "vitest"
import type { Finding } from "../src/internal/doctor/finding.ts"
import { examinePeers, named } from "../src/internal/doctor/peers.ts"
import { run } from "./doctor/setUp.ts"

const peer = (port: number, protocol = "tcp"): Peer.Peer => Peer.fromAddress(Address.make(protocol, "127.0.0.1", port))

const seen = (source: string, ...peers: ReadonlyArray<Peer.Peer>) => ({ key: source, source, peers, listens: false })

describe("the peers that doctor looks at", () => {
  it("are at most 32, and 8 at once", () =>
    run(
      Effect.gen(function* () {
        const walks = { now: 0, most: 0, all: 0 }
        const diagnose = (to: Peer.Peer) =>
          Effect.gen(function* () {
            walks.all++
            walks.most = Math.max(walks.most, ++walks.now)
            yield* Effect.sleep("20 millis")
            walks.now--
            const diagnosis: Diagnosis = { peer: Peer.format(to), address: Peer.format(to), ok: true, steps: [] }
            return diagnosis
          })
        const findings: Array<Finding> = []
        const peers = Array.from({ length: 41 }, (_, index) => peer(index + 1))
        yield* examinePeers({
          peers: named([seen("static", ...peers)]),
          own: new Set(["127.0.0.1 1 "]),
          node: undefined,
          observer: { diagnose } as unknown as Observer,
          answered: true,
          tell: (finding) => Effect.sync(() => void findings.push(finding))
        })
        assert.deepStrictEqual(walks, { now: 0, most: 8, all: 32 })
        assert.include(findings[0]?.detail, "this node itself")
        assert.deepInclude(findings.at(-1), { status: "skipped", detail: "8 peers more: 32 are looked at" })
      })
    ))

  it("are well where they only have no room for another observer", () =>
    run(
      Effect.gen(function* () {
        const findings: Array<Finding> = []
        const steps = [{ step: "admit", ok: false, reason: "too_many_peers", detail: "too_many_peers" }] as const
        const diagnosis: Diagnosis = { peer: "", address: undefined, ok: false, steps }
        yield* examinePeers({
          peers: named([seen("static", peer(1))]),
          own: new Set(),
          node: undefined,
          observer: { diagnose: () => Effect.succeed(diagnosis) } as unknown as Observer,
          answered: true,
          tell: (finding) => Effect.sync(() => void findings.push(finding))
        })
        assert.deepStrictEqual(
          findings.map(({ reason, status }) => [status, reason]),
          [["warning", "too_many_peers"]]
        )
      })
    ))

  it.each([true, false])("are missed where a source answered, and not where none did (%s)", (answered) =>
    run(
      Effect.gen(function* () {
        const findings: Array<Finding> = []
        yield* examinePeers({
          peers: [],
          own: new Set(),
          node: undefined,
          observer: { diagnose: () => Effect.never } as unknown as Observer,
          answered,
          tell: (finding) => Effect.sync(() => void findings.push(finding))
        })
        assert.deepStrictEqual(
          findings.map(({ reason }) => reason),
          answered ? ["nobody_found"] : []
        )
      })
    )
  )

  it("are one where two sources name one place, by whatever protocol", () => {
    const name = "b@127.0.0.1" as NonNullable<Peer.Peer["name"]>
    const [only, ...others] = named([seen("static", peer(1)), seen("epmd", { ...peer(1, "tls"), name }), seen("dns")])
    assert.lengthOf(others, 0)
    assert.deepStrictEqual(only?.sources, ["static", "epmd"])
    assert.strictEqual(only?.peer.name, name)
  })
})
