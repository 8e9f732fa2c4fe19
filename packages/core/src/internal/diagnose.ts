import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Address from "../Address.ts"
import type { DiagnosedNode, Diagnosis, DiagnosisStep } from "../Diagnosis.ts"
import type { NodeName } from "../NodeName.ts"
import type { Peer } from "../Peer.ts"
import * as PeerModule from "../Peer.ts"
import { parseAddress } from "../protocol/addresses.ts"
import { certifies } from "../protocol/certificates.ts"
import { codes } from "../protocol/decisions.ts"
import { type Identity, isObserver } from "../protocol/identity.ts"
import type { Connection } from "../Transport.ts"
import { ConnectTimeout, TransportError } from "../TransportError.ts"
import type { Caller } from "./caller.ts"
import { secondLook } from "./diagnosisModes.ts"
import {
  admission,
  broken,
  dialFailed,
  done,
  rejection,
  silence,
  strangerAt,
  taken,
  unintelligible
} from "./diagnosisSteps.ts"
import { configFor, initiate } from "./handshaking.ts"
import { handshakeTimeout } from "./runLink.ts"

/** What one address led to. */
interface Walked {
  readonly steps: ReadonlyArray<DiagnosisStep>
  readonly node?: DiagnosedNode | undefined
}

const report = (peer: Peer, address: string | undefined, { node, steps }: Walked): Diagnosis => ({
  peer: PeerModule.format(peer),
  address,
  ok: steps.every((step) => step.ok),
  steps,
  ...(node !== undefined && { node })
})

/** Walks the way to a peer step by step, without becoming linked to it. */
export const diagnose = (caller: Caller, peer: Peer): Effect.Effect<Diagnosis> =>
  Effect.gen(function* () {
    const resolved = yield* Effect.exit(addressesOf(caller, peer))
    if (Exit.isFailure(resolved)) {
      const remedy = "give the peer an address, or a name that the NameResolver knows"
      return report(peer, undefined, { steps: [broken("resolve", "name_unknown", messageOf(resolved.cause), remedy)] })
    }
    const steps: Array<DiagnosisStep> = []
    let node: DiagnosedNode | undefined
    for (const address of resolved.value) {
      const text = Address.format(address)
      steps.push(done("resolve", text))
      const walked = yield* Effect.scoped(walk(caller, address, peer))
      steps.push(...walked.steps)
      node = walked.node ?? node
      if (walked.steps.every((step) => step.ok)) {
        return report(peer, text, { steps: steps.slice(-walked.steps.length - 1), node })
      }
    }
    return report(peer, resolved.value.length === 1 ? steps[0]?.detail : undefined, { steps, node })
  })

const addressesOf = ({ resolver, transport }: Caller, peer: Peer) =>
  peer.address === undefined
    ? resolver.resolve(peer.name as NodeName, transport.protocols)
    : Effect.succeed([peer.address])

const messageOf = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  return error instanceof Error ? error.message : String(error)
}

const walk = Effect.fnUntraced(function* (caller: Caller, address: Address.Address, peer: Peer) {
  const { security, transport } = caller
  const late = (): TransportError =>
    new TransportError({
      transport: transport.name,
      address: Address.format(address),
      reason: new ConnectTimeout({ millis: handshakeTimeout })
    })
  const dialed = yield* Effect.exit(
    Effect.timeoutOrElse(transport.dial(address, security), {
      duration: handshakeTimeout,
      orElse: () => Effect.fail(late())
    })
  )
  if (Exit.isFailure(dialed)) {
    const steps = dialFailed(security.mode, dialed.cause)
    // Of TLS that is not answered a transport says no more than that it took too long.
    const unclear = isAboutStream(steps) || (security.mode !== "plain" && isTimeout(dialed.cause))
    return { steps: unclear ? yield* explained(caller, address, steps) : steps }
  }
  const connection = dialed.value
  const secured = [done("connect", connection.remote), done("secure", connection.proof._tag.toLowerCase())]
  const { node, steps } = yield* shakeHands(caller, connection, peer)
  const unclear = connection.proof._tag === "Plain" && isAboutStream(steps)
  return { steps: [...secured, ...(unclear ? yield* explained(caller, address, steps) : steps)], node }
})

/** The stream was taken and came to nothing before a word of the protocol was understood. */
const isAboutStream = (steps: ReadonlyArray<DiagnosisStep>): boolean => {
  const last = steps.at(-1)
  return last?.ok === false && (last.step === "secure" || last.step === "hello")
}

const isTimeout = (cause: Cause.Cause<unknown>): boolean => {
  const error = Cause.squash(cause)
  return error instanceof TransportError && error.reason._tag === "ConnectTimeout"
}

/** Looks once more in another mode: two nodes that are not set to the same one do not understand each other at all. */
const explained = Effect.fnUntraced(function* (
  caller: Caller,
  address: Address.Address,
  steps: ReadonlyArray<DiagnosisStep>
): Effect.fn.Return<ReadonlyArray<DiagnosisStep>> {
  const last = steps.at(-1)
  if (last === undefined) return steps
  const { connected, mode, spoken } = yield* secondLook(caller, address)
  const before = steps.slice(0, -1)
  const step = last.step === "connect" ? "secure" : last.step
  if (mode !== undefined) {
    const remedy = `this side has security ${caller.security.mode}, the node there ${mode}: give both the same`
    return [...before, broken(step, "mode_mismatch", `it is a gc node with security ${mode}`, remedy)]
  }
  if (spoken !== undefined) return [...before, strangerAt(step, spoken)]
  return connected && last.step === "connect" ? [...before, taken, silence(step)] : steps
})

/** Up to WELCOME; the READY that follows declines, so that nothing changes on either side. */
const shakeHands = Effect.fnUntraced(function* (
  caller: Caller,
  connection: Connection,
  peer: Peer
): Effect.fn.Return<Walked> {
  const steps: Array<DiagnosisStep> = []
  let challenged = false
  let node: DiagnosedNode | undefined
  const identity = caller.identity(0, peer.name)
  const known = (found: Identity): void => {
    node = nodeOf(found)
    steps.push(done("authenticate", `${found.name} ${proofOf(caller)}`))
  }
  const exit = yield* Effect.exit(
    Effect.timeoutOption(
      initiate({
        connection,
        config: configFor(caller.cluster, caller.keyring, connection),
        identity,
        nonce: caller.nonce(),
        challenged: () => {
          challenged = true
          steps.push(done("hello", "it speaks gc's protocol, for this cluster"))
        },
        judge: (found) =>
          Effect.sync(() => {
            known(found)
            const lets = `${found.name} lets this ${isObserver(identity) ? "observer watch" : "node in"}`
            steps.push(certificateStep(connection, found.name) ?? done("admit", lets))
            return { decision: codes.already_connected, retryAfterMs: 0, knownGeneration: 0 }
          }),
        refused: (found, code) => {
          known(found)
          steps.push(admission(code, found.name, isObserver(identity)))
        }
      }),
      handshakeTimeout
    )
  )
  const step = challenged ? "authenticate" : "hello"
  if (Exit.isFailure(exit)) {
    return { steps: [...steps, unintelligible(step, connection.proof, Cause.squash(exit.cause))], node }
  }
  if (exit.value._tag === "None") return { steps: [...steps, silence(step)], node }
  const handshake = exit.value.value
  if (handshake._tag !== "Rejected" && handshake._tag !== "Failed") return { steps, node }
  return { steps: [...steps, rejection(handshake.code, challenged, connection.proof)], node }
})

const proofOf = ({ keyring, security }: Caller): string =>
  security.mode === "mtls" && keyring.length === 0 ? "has proved its certificate" : "holds the cookie"

const nodeOf = ({ addresses, appVersion, generation, instance, name }: Identity): DiagnosedNode => ({
  name: name as NodeName,
  instance,
  generation,
  addresses: addresses.flatMap((text) => {
    const address = parseAddress(text)
    return address.ok ? [address.value] : []
  }),
  appVersion
})

const certificateStep = (connection: Connection, name: string): DiagnosisStep | undefined => {
  const { proof } = connection
  if (proof._tag !== "Mtls" || certifies(proof.names, name)) return undefined
  const names = [...proof.names.dns, ...proof.names.ip, ...proof.names.uri].join(" ")
  return broken(
    "admit",
    "certificate_name",
    `the certificate names ${names}`,
    `give it a certificate for the host of ${name}`
  )
}
