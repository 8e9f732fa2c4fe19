import * as Effect from "effect/Effect"
import type { NodeName } from "../NodeName.ts"
import { certifies } from "../protocol/certificates.ts"
import { codes } from "../protocol/decisions.ts"
import { type Identity, isObserver } from "../protocol/identity.ts"
import type { Connection } from "../Transport.ts"
import type { Engine } from "./engine.ts"
import type { Verdict } from "./handshaking.ts"
import { show } from "./optionValues.ts"

const notAdmitted: Verdict = { decision: codes.not_admitted, retryAfterMs: 0, knownGeneration: 0 }

/**
 * The verdict on an authentic peer: `judge`'s, unless its certificate is another node's or the program does not admit it;
 * `turnedAway` is told then. Neither is asked about an observer: it comes in nowhere.
 */
export const admitting = (
  engine: Engine,
  connection: Connection,
  peer: Identity,
  judge: Effect.Effect<Verdict>,
  turnedAway: () => void
): Effect.Effect<Verdict> => {
  const problem = isObserver(peer) ? undefined : problemOf(engine, connection, peer)
  if (problem === undefined) return judge
  return Effect.sync(() => {
    engine.meter.add("not_admitted")
    engine.journal.warn(problem.key, problem.text, {
      peer: peer.name,
      remote: connection.remote,
      ...(problem.detail !== undefined && { detail: problem.detail })
    })
    turnedAway()
    return notAdmitted
  })
}

interface Problem {
  /** Logged once a minute for each. */
  readonly key: string
  readonly text: string
  readonly detail?: string
}

const problemOf = (engine: Engine, connection: Connection, peer: Identity): Problem | undefined => {
  const { proof } = connection
  const key = `not admitted ${peer.name}`
  if (proof._tag === "Mtls" && !certifies(proof.names, peer.name)) {
    return {
      key,
      text: "refused a node whose certificate names another: it needs a DNS or IP name equal to the host of its node name, or the URI gc: and its node name"
    }
  }
  const { admit } = engine.parts
  if (admit === undefined) return undefined
  const { addresses, appVersion } = peer
  try {
    const answer: unknown = admit({ name: peer.name as NodeName, addresses, appVersion })
    if (answer === true) return undefined
    if (answer === false) return { key, text: "refused a node that the option admit does not let in" }
    // Nobody waits for it: its rejection must not end the program.
    if (answer instanceof Promise) answer.catch(() => undefined)
    const text =
      "refused a node: the option admit answered something else than true or false; a promise is not waited for"
    return { key: "admit answers", text, detail: answer instanceof Promise ? "a promise" : show(answer) }
  } catch (error) {
    const text = "refused a node: the option admit threw; nobody comes in while it does"
    return { key: "admit throws", text, detail: error instanceof Error ? error.message : show(error) }
  }
}
