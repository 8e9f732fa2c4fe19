import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { codeName, codes } from "../protocol/decisions.ts"
import type { Identity } from "../protocol/identity.ts"
import type { DialFailure, Output } from "../protocol/node.ts"
import { ConnectTimeout, type SecurityFailed, TransportError } from "../TransportError.ts"
import { admitting } from "./admission.ts"
import { connect, dialFailure, placeOf } from "./caller.ts"
import type { Engine } from "./engine.ts"
import { configFor, type Handshake, initiate } from "./handshaking.ts"
import { detailOf, handshakeTimeout, runLink } from "./runLink.ts"

type DialOutput = Extract<Output, { readonly _tag: "Dial" }>

/** One dial, and the link that may come of it, to its end. */
export const dial = (engine: Engine, output: DialOutput): Effect.Effect<void> =>
  Effect.scoped(
    Effect.gen(function* () {
      // The step that asked for it ends first.
      yield* Effect.yieldNow
      const opened = yield* Effect.exit(
        Effect.timeoutOrElse(open(engine, output), {
          duration: handshakeTimeout,
          orElse: () =>
            Effect.fail(dialFailure(engine.caller, output, new ConnectTimeout({ millis: handshakeTimeout })))
        })
      )
      if (Exit.isFailure(opened)) return failed(engine, output, opened.cause)
      const { handshake, link } = opened.value
      if (handshake._tag === "Open") return yield* runLink(engine, link, handshake.rest)
      refused(engine, output, handshake)
      engine.dropLink(link)
    })
  ).pipe(
    Effect.onInterrupt(() =>
      Effect.sync(() => engine.dispatch({ _tag: "DialFailed", dial: output.dial, failure: "failed" }))
    )
  )

/** Whether nobody listens, or somebody who took the stream let it go before the handshake was done. */
const failureOf = ({ reason }: TransportError): DialFailure => {
  if (reason._tag === "Refused") return "refused"
  return reason._tag === "Reset" || reason._tag === "Closed" ? "reset" : "failed"
}

const failed = (engine: Engine, output: DialOutput, cause: Cause.Cause<unknown>): void => {
  const error = Cause.squash(cause)
  const known = error instanceof TransportError ? error : undefined
  if (known?.reason._tag === "SecurityFailed") return insecure(engine, output, known.reason)
  const fields = { peer: placeOf(output) }
  if (Cause.hasDies(cause)) {
    engine.journal.warn(`dial ${placeOf(output)}`, `a dial failed by a defect: ${Cause.pretty(cause)}`, fields)
  } else engine.journal.log("Debug", `dial failed: ${detailOf(cause)}`, fields)
  engine.dispatch({ _tag: "DialFailed", dial: output.dial, failure: known === undefined ? "failed" : failureOf(known) })
}

/** The secure stream under the handshake says what the handshake would: the two do not share a secret. */
const insecure = (engine: Engine, output: DialOutput, { detail }: SecurityFailed): void => {
  const code = codes.auth_failed
  engine.meter.add("handshakes_failed")
  engine.journal.warn(`${code} ${placeOf(output)}`, explain(code), {
    address: placeOf(output),
    reason: "auth_failed",
    detail
  })
  engine.dispatch({ _tag: "DialRejected", dial: output.dial, code, retryAfterMs: 0 })
}

/** What came instead of a WELCOME. A refusal after authentication has been told to the node already. */
const refused = (engine: Engine, output: DialOutput, handshake: Handshake): void => {
  if (handshake._tag !== "Rejected" && handshake._tag !== "Failed") return
  const { code } = handshake
  engine.meter.add("handshakes_failed")
  engine.journal.warn(`${code} ${placeOf(output)}`, explain(code), {
    address: placeOf(output),
    reason: codeName(code) ?? code,
    ...(handshake._tag === "Failed" && { detail: handshake.reason })
  })
  const retryAfterMs = handshake._tag === "Rejected" ? handshake.retryAfterMs : 0
  engine.dispatch({ _tag: "DialRejected", dial: output.dial, code, retryAfterMs })
}

const explain = (code: number): string => {
  switch (codeName(code)) {
    case "auth_failed":
      return "a peer does not share this node's cookie, or its security mode: compare both on the two nodes"
    case "cluster_mismatch":
      return "a peer belongs to another cluster: discovery found an address that is not of this cluster"
    case "version_unsupported":
      return "a peer speaks another version of the protocol: upgrade the older one"
    case "busy":
      return "a peer has too many handshakes under way"
    default:
      return "a peer does not speak gc's protocol: is the address right?"
  }
}

const open = Effect.fnUntraced(function* (engine: Engine, output: DialOutput) {
  const connection = yield* connect(engine.caller, output)
  const link = engine.links.make(connection)
  const refused = (peer: Identity, decision: number, retryAfterMs: number): void =>
    engine.dispatch({ _tag: "Welcomed", dial: output.dial, link: link.id, peer, decision, retryAfterMs })
  const handshake = yield* initiate({
    connection,
    config: configFor(engine.state.self.cluster, engine.parts.keyring, connection),
    identity: engine.identity(output.attempt, output.name),
    nonce: engine.parts.nonce(),
    judge: (peer) =>
      admitting(
        engine,
        connection,
        peer,
        engine.judge({ _tag: "Welcomed", dial: output.dial, link: link.id, peer, decision: 0, retryAfterMs: 0 }),
        () => refused(peer, codes.not_admitted, 0)
      ),
    refused
  }).pipe(Effect.onError(() => Effect.sync(() => engine.dropLink(link))))
  return { link, handshake }
})
