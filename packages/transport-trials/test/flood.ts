import { assert, describe, it } from "@effect/vitest"
import type * as Cluster from "@gc/core/Cluster"
import * as Peer from "@gc/core/Peer"
import type { SecurityMode } from "@gc/core/Transport"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import { until, onWire, quietly } from "./support.ts"
import { join, at } from "./joining.ts"
import type { Kit } from "./kit.ts"
import { starved, flood, farAway } from "./flooding.ts"

export const floods = (kit: Kit): void => {
  const tag = createHash("sha256").update("gch1-cluster\0orders").digest().subarray(0, 8)

  /** What somebody who has seen a node begin can send, too: a whole HELLO, and much of a first message of TLS. */
  const openings = {
    plain: kit.opening(
      onWire(Buffer.concat([Buffer.from("\x01GCH1\x01\x01\x00\x01\x01"), tag, Buffer.from("\x02k0"), Buffer.alloc(32)]))
    ),
    psk: Buffer.concat([Buffer.from("160301020001", "hex"), Buffer.alloc(300)])
  }

  const several = ["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"]

  const kinds = [
    { what: "that send a byte and no more, all from the newcomer's address", from: ["127.0.0.1"], begins: false },
    { what: "that send a byte and no more, from four other addresses", from: several, begins: false },
    { what: "that begin as a node does, from four other addresses", from: several, begins: true }
  ]

  /** A newcomer's join there: how many milliseconds it took, less those that the machine gave to others, and these. */
  const joinOnce = Effect.fnUntraced(function* (a: Cluster.Service, peer: Peer.Peer, security: SecurityMode) {
    const newcomer = yield* join(kit, { security, detector: "lan" })
    const arrived = a.events.pipe(
      Stream.takeUntil(({ _tag, member }) => _tag === "Up" && member.name === newcomer.self.name),
      Stream.runDrain
    )
    const [began, before] = [performance.now(), starved()]
    const joined = yield* Effect.result(Effect.all([newcomer.connect(peer), arrived], { concurrency: "unbounded" }))
    const kept = starved() - before
    return { joined, kept, took: performance.now() - began - kept }
  })

  /** Where the machine gave its time to others, a join that failed or was slow proves nothing: it is tried anew. */
  const joinThere = (a: Cluster.Service, peer: Peer.Peer, security: SecurityMode) =>
    Effect.gen(function* () {
      let attempt = yield* joinOnce(a, peer, security)
      for (let again = 0; again < 5; again++) {
        const well = Result.isSuccess(attempt.joined) && attempt.took <= 1_000
        if (well || attempt.kept < (Result.isSuccess(attempt.joined) ? 200 : 1_000)) break
        attempt = yield* joinOnce(a, peer, security)
      }
      yield* Effect.fromResult(attempt.joined)
      return attempt.took
    })

  /** One after the other, so that they do not take each other's time. */
  describe("500 sockets that come back as soon as they are dropped", () => {
    for (const security of ["plain", "psk"] as const) {
      for (const { begins, from, what } of kinds) {
        it.live(
          `${what}, do not delay a join beyond a second in ${security} mode`,
          () =>
            quietly(
              Effect.gen(function* () {
                const a = yield* join(kit, { node: "a@127.0.0.1", security, detector: "lan" })
                const { port } = a.self.addresses[0]!
                const opening = begins ? openings[security] : openings[security].subarray(0, 1)
                const connections = yield* flood({ port, sockets: 500, from, opening })
                const town = Peer.fromAddress(yield* farAway(kit, port, 25))
                yield* until(() => connections() >= 1_000)
                for (const peer of [at(a.self), town, town, town])
                  assert.isAtMost(yield* joinThere(a, peer, security), 1_000)
              })
            ),
          // Only a machine that runs something else all the while needs it.
          120_000
        )
      }
    }
  })
}
