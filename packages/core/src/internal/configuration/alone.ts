import * as Effect from "effect/Effect"
import * as References from "effect/References"
import type * as Scope from "effect/Scope"
import type { Diagnosis, Service } from "../../Cluster.ts"
import { ConnectError } from "../../ClusterError.ts"
import { Discovery, empty } from "../../Discovery.ts"
import * as Peer from "../../Peer.ts"
import { Transport } from "../../Transport.ts"
import { ProtocolUnsupported, TransportError } from "../../TransportError.ts"
import { orNoPeer } from "../clusterCalls.ts"
import { makeCluster } from "../makeCluster.ts"

/** Listens nowhere and reaches nobody. */
const nowhere: Transport["Service"] = {
  name: "none",
  protocols: [],
  listen: () => Effect.succeed({ addresses: [], accept: Effect.never }),
  dial: () =>
    Effect.fail(
      new TransportError({ transport: "none", address: "", reason: new ProtocolUnsupported({ supported: [] }) })
    )
}

/** What is said of every peer. */
const told = (peer: Peer.Peer, detail: string): Effect.Effect<Diagnosis> =>
  orNoPeer(
    peer,
    Effect.sync(() => ({
      peer: Peer.format(peer),
      address: undefined,
      ok: false,
      steps: [{ step: "resolve", ok: false, detail, remedy: "configure this node, and start it again" }]
    }))
  )

const refuse = ({ peer, steps }: Diagnosis): Effect.Effect<never, ConnectError> =>
  Effect.fail(new ConnectError({ peer, reason: "failed", detail: steps.map((step) => step.detail).join() }))

/** A cluster of this node alone, for programs that run without a configuration, too. */
export const makeAlone = (reason: string): Effect.Effect<Service, never, Scope.Scope> => {
  const detail = `no cluster is configured: ${reason}`
  // With certificates alone no cookie is asked for, and none is made.
  return makeCluster({ cluster: "nonode", node: "nonode@nohost", security: "mtls", peerExchange: false }).pipe(
    Effect.provideService(Transport, nowhere),
    Effect.provideService(Discovery, empty),
    Effect.provideService(References.MinimumLogLevel, "Warning"),
    Effect.orDie,
    Effect.map((cluster) => ({
      ...cluster,
      connect: (peer) => Effect.flatMap(told(peer, detail), refuse),
      diagnose: (peer) => told(peer, detail)
    }))
  )
}
