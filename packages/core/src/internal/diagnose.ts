import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Address from "../Address.ts"
import type { Diagnosis, DiagnosisStep } from "../Cluster.ts"
import type { NodeName } from "../NodeName.ts"
import type { Peer } from "../Peer.ts"
import * as PeerModule from "../Peer.ts"
import { codeName, codes } from "../protocol/decisions.ts"
import type { Connection } from "../Transport.ts"
import { ConnectTimeout, TransportError } from "../TransportError.ts"
import { certifies } from "../protocol/certificates.ts"
import type { Engine } from "./engine.ts"
import { configFor, initiate } from "./handshaking.ts"
import { handshakeTimeout } from "./runLink.ts"

type Name = DiagnosisStep["step"]

const done = (step: Name, detail: string): DiagnosisStep => ({ step, ok: true, detail })
const broken = (step: Name, detail: string, remedy: string): DiagnosisStep => ({ step, ok: false, detail, remedy })

const report = (peer: Peer, address: string | undefined, steps: ReadonlyArray<DiagnosisStep>): Diagnosis => ({
  peer: PeerModule.format(peer),
  address,
  ok: steps.every((step) => step.ok),
  steps
})

/** Walks the way to a peer step by step, without becoming linked to it. */
export const diagnose = (engine: Engine, peer: Peer): Effect.Effect<Diagnosis> =>
  Effect.gen(function* () {
    const resolved = yield* Effect.exit(addressesOf(engine, peer))
    if (Exit.isFailure(resolved)) {
      const remedy = "give the peer an address, or a name that the NameResolver knows"
      return report(peer, undefined, [broken("resolve", messageOf(resolved.cause), remedy)])
    }
    const steps: Array<DiagnosisStep> = []
    for (const address of resolved.value) {
      const text = Address.format(address)
      steps.push(done("resolve", text))
      const walked = yield* Effect.scoped(walk(engine, address, peer))
      steps.push(...walked)
      if (walked.every((step) => step.ok)) return report(peer, text, steps.slice(-walked.length - 1))
    }
    return report(peer, resolved.value.length === 1 ? steps[0]?.detail : undefined, steps)
  })

const addressesOf = (engine: Engine, peer: Peer) => {
  const { resolver, transport } = engine.parts
  return peer.address === undefined
    ? resolver.resolve(peer.name as NodeName, transport.protocols)
    : Effect.succeed([peer.address])
}

const messageOf = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  return error instanceof Error ? error.message : String(error)
}

const walk = Effect.fnUntraced(function* (engine: Engine, address: Address.Address, peer: Peer) {
  const { security, transport } = engine.parts
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
  if (Exit.isFailure(dialed)) return dialFailed(dialed.cause)
  const secured = [done("connect", dialed.value.remote), done("secure", dialed.value.proof._tag.toLowerCase())]
  return [...secured, ...(yield* shakeHands(engine, dialed.value, peer))]
})

const dialFailed = (cause: Cause.Cause<TransportError>): ReadonlyArray<DiagnosisStep> => {
  const error = Cause.squash(cause)
  const detail = messageOf(cause)
  const tag = error instanceof TransportError ? error.reason._tag : ""
  switch (tag) {
    case "HostUnknown":
      return [broken("connect", detail, "check the spelling of the host, and the resolver of this machine")]
    case "Refused":
      return [broken("connect", detail, "start the node, or correct the port")]
    case "SecurityFailed":
    case "Reset":
    case "Closed": {
      const remedy = "compare the option security and the cookie, or the certificates, of both nodes"
      return [done("connect", "the machine takes the connection"), broken("secure", detail, remedy)]
    }
    case "PlaintextRefused":
      return [broken("secure", detail, "use security psk or mtls")]
    default:
      return [broken("connect", detail, "check the route, the firewall, and that the machine is up")]
  }
}

/** Up to WELCOME; the READY that follows declines, so that nothing changes on either side. */
const shakeHands = Effect.fnUntraced(function* (engine: Engine, connection: Connection, peer: Peer) {
  const steps: Array<DiagnosisStep> = []
  let challenged = false
  const known = (name: string): void => void steps.push(done("authenticate", `${name} holds the cookie`))
  const exit = yield* Effect.exit(
    Effect.timeoutOption(
      initiate({
        connection,
        config: configFor(engine.state.self.cluster, engine.parts.keyring, connection),
        identity: engine.identity(0, peer.name),
        nonce: engine.parts.nonce(),
        challenged: () => {
          challenged = true
          steps.push(done("hello", "it speaks gc's protocol, for this cluster"))
        },
        judge: ({ name }) =>
          Effect.sync(() => {
            known(name)
            steps.push(certificateStep(connection, name) ?? done("admit", `${name} lets this node in`))
            return { decision: codes.already_connected, retryAfterMs: 0, knownGeneration: 0 }
          }),
        refused: ({ name }, code) => {
          known(name)
          steps.push(admission(code, name))
        }
      }),
      handshakeTimeout
    )
  )
  if (Exit.isFailure(exit)) {
    const step = challenged ? "authenticate" : "hello"
    return [
      ...steps,
      broken(step, messageOf(exit.cause), "is it a gc node? see what the other node logs at this moment")
    ]
  }
  if (exit.value._tag === "None") {
    const remedy = "the port takes connections and says nothing: it is no gc node, or it is stuck"
    return [...steps, broken(challenged ? "authenticate" : "hello", "no answer within 5 seconds", remedy)]
  }
  const handshake = exit.value.value
  if (handshake._tag !== "Rejected" && handshake._tag !== "Failed") return steps
  return [...steps, rejection(handshake.code, challenged)]
})

const certificateStep = (connection: Connection, name: string): DiagnosisStep | undefined => {
  const { proof } = connection
  if (proof._tag !== "Mtls" || certifies(proof.names, name)) return undefined
  const names = [...proof.names.dns, ...proof.names.ip, ...proof.names.uri].join(" ")
  return broken("admit", `the certificate names ${names}`, `give it a certificate for the host of ${name}`)
}

const rejection = (code: number, challenged: boolean): DiagnosisStep => {
  const reason = codeName(code) ?? String(code)
  switch (code) {
    case codes.cluster_mismatch:
      return broken("hello", reason, "the node belongs to another cluster: compare the option cluster")
    case codes.auth_failed:
      return challenged
        ? broken("authenticate", reason, "the cookies differ: compare them on both nodes")
        : broken("hello", reason, "the security modes or the labels of the cookies differ: compare both")
    case codes.version_unsupported:
      return broken("hello", reason, "the nodes speak different versions: upgrade the older one")
    case codes.busy:
      return broken("hello", reason, "the node has too many handshakes under way: try again")
    default:
      return broken(challenged ? "authenticate" : "hello", reason, "is it a gc node?")
  }
}

const admission = (code: number, name: string): DiagnosisStep => {
  const reason = codeName(code) ?? String(code)
  switch (code) {
    case codes.already_connected:
      return done("admit", `${name} is connected to this node already`)
    case codes.self_connect:
      return broken("admit", reason, "the address is this node's own: nothing is wrong, it is left alone")
    case codes.name_mismatch:
      return broken("admit", `${name} answers`, "another node has this address now: correct the list")
    case codes.name_conflict:
      return broken("admit", reason, "another live node carries this node's name: rename one of them")
    case codes.not_admitted:
      return broken("admit", reason, "the node's option admit, or the certificate of this node, keeps it out")
    case codes.shutting_down:
      return broken("admit", reason, "the node is leaving the cluster: try again when it is back")
    default:
      return broken("admit", reason, "see what the other node logs")
  }
}
