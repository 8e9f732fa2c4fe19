import * as Effect from "effect/Effect"
import type { NodeName } from "../NodeName.ts"
import { certifies } from "../protocol/certificates.ts"
import { codes } from "../protocol/decisions.ts"
import type { Identity } from "../protocol/identity.ts"
import type { Connection } from "../Transport.ts"
import type { Engine } from "./engine.ts"
import type { Verdict } from "./handshaking.ts"

const notAdmitted: Verdict = { decision: codes.not_admitted, retryAfterMs: 0, knownGeneration: 0 }

/**
 * The verdict on an authentic peer: `judge`'s, unless its certificate is another node's or the program does not admit it;
 * `turnedAway` is told then.
 */
export const admitting = (
  engine: Engine,
  connection: Connection,
  peer: Identity,
  judge: Effect.Effect<Verdict>,
  turnedAway: () => void
): Effect.Effect<Verdict> => {
  const problem = problemOf(engine, connection, peer)
  if (problem === undefined) return judge
  return Effect.sync(() => {
    engine.meter.add("not_admitted")
    engine.journal.warn(`not admitted ${peer.name}`, problem, { peer: peer.name, remote: connection.remote })
    turnedAway()
    return notAdmitted
  })
}

const problemOf = (engine: Engine, connection: Connection, peer: Identity): string | undefined => {
  const { proof } = connection
  if (proof._tag === "Mtls" && !certifies(proof.names, peer.name)) {
    return "refused a node whose certificate names another: it needs a DNS or IP name equal to the host of its node name, or the URI gc: and its node name"
  }
  const { admit } = engine.parts
  const { addresses, appVersion } = peer
  const admitted = admit === undefined || admit({ name: peer.name as NodeName, addresses, appVersion })
  return admitted ? undefined : "refused a node that the option admit does not let in"
}
