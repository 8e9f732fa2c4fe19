import type * as Discovery from "@gc/core/Discovery"
import * as NodeName from "@gc/core/NodeName"
import * as Peer from "@gc/core/Peer"
import * as Dns from "@gc/discovery-dns"
import type { Answer } from "dns-packet"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { a, aaaa, nameServer, zone } from "./nameServer.ts"

export const context: Discovery.DiscoveryContext = {
  self: { cluster: "test", name: NodeName.make("a@rosa"), instance: "00".repeat(16), generation: 1, addresses: [] },
  key: () => Option.none(),
  keys: () => []
}

export const firstLook = (options: Dns.Options) =>
  Effect.gen(function* () {
    const source = yield* Dns.make({ lookupTimeout: "3 seconds", ...options })
    const [look] = yield* Stream.runCollect(Stream.take(source.looks(context), 1))
    return look!
  })

/** Whom one look finds, each as its text; fails with its error. */
export const found = (options: Dns.Options) =>
  Effect.flatMap(firstLook(options), (look) =>
    look._tag === "Peers" ? Effect.succeed(look.peers.map(Peer.format)) : Effect.fail(look.error)
  )

export const serving = (records: ReadonlyArray<Answer>) => nameServer(zone(records))

export const pods = [
  a("web.shop", "10.0.0.2"),
  a("web.shop", "10.0.0.1"),
  aaaa("web.shop", "fd00::1"),
  a("web.shop", "10.0.0.1")
]
export const service = "_gc._tcp.web.shop"
