import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type SecurityMode, Transport } from "../../Transport.ts"

/** A transport whose streams have this mode, whatever the cluster wants. */
export const withMode = <E>(layer: Layer.Layer<Transport, E>, mode: SecurityMode): Layer.Layer<Transport, E> =>
  Layer.effect(
    Transport,
    Effect.map(Transport, (transport) => ({
      name: transport.name,
      protocols: transport.protocols,
      listen: (security) => transport.listen({ ...security, mode }),
      dial: (address, security) => transport.dial(address, { ...security, mode })
    }))
  ).pipe(Layer.provide(layer))
