import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type SecurityMode, Transport } from "../../Transport.ts"
import { isExplicit } from "../explicitMode.ts"

/** A transport whose streams have this mode, whatever the cluster wants; a diagnosis alone may look in another one. */
export const withMode = <E>(layer: Layer.Layer<Transport, E>, mode: SecurityMode): Layer.Layer<Transport, E> =>
  Layer.effect(
    Transport,
    Effect.map(Transport, (transport) => ({
      name: transport.name,
      protocols: transport.protocols,
      listen: (security) => transport.listen({ ...security, mode }),
      dial: (address, security) => transport.dial(address, isExplicit(security) ? security : { ...security, mode })
    }))
  ).pipe(Layer.provide(layer))
