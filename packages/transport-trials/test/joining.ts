import * as Cluster from "@gc/core/Cluster"
import * as Discovery from "@gc/core/Discovery"
import type * as LocalNode from "@gc/core/LocalNode"
import type { StreamOptions } from "@gc/core/StreamOptions"
import * as Peer from "@gc/core/Peer"
import * as Transport from "@gc/core/Transport"
import * as Effect from "effect/Effect"
import type { Kit } from "./kit.ts"

export const cookie = `hex:${"5a".repeat(32)}`

/** A node that discovers nobody. */
export const join = (kit: Kit, options: Partial<Cluster.Options>, own: StreamOptions = {}) =>
  Cluster.make({ cluster: "orders", cookie, detector: "test", ...options }).pipe(
    Effect.provideService(Discovery.Discovery, Discovery.empty),
    Effect.provideService(Transport.Transport, kit.make({ host: "127.0.0.1", port: 0, ...own }))
  )

/** A node by the address that it advertises. */
export const at = ({ addresses }: LocalNode.LocalNode): Peer.Peer => Peer.fromAddress(addresses[0]!)
