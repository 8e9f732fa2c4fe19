/**
 * The sources that a process can be told to find others by.
 */
import type * as Discovery from "@gc/core/Discovery"
import * as Static from "@gc/discovery-static"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Finding } from "../messages.ts"

type Source = Layer.Layer<Discovery.Discovery, Discovery.DiscoveryError>

/** The source that was asked for. The others are not loaded: what a node uses is measured. */
export const finding = (told: Finding): Source => {
  switch (told.by) {
    case "static":
      return Static.layer(told.peers)
    case "dns":
      return loaded(import("@gc/discovery-dns"), (dns) =>
        dns.layer({ domain: told.domain, type: "SRV", hostType: "ip", servers: [told.server] })
      )
    case "gossip":
      return loaded(import("@gc/discovery-gossip"), (gossip) =>
        gossip.layer({ port: told.port, multicastIf: told.multicastIf })
      )
    case "epmd":
      return loaded(import("@gc/discovery-epmd"), (epmd) => epmd.layer({ port: told.port }))
  }
}

const loaded = <Module>(module: Promise<Module>, layerOf: (module: Module) => Source): Source =>
  Layer.unwrap(
    Effect.map(
      Effect.promise(() => module),
      layerOf
    )
  )
