import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Address from "../Address.ts"
import { ConnectError } from "../ClusterError.ts"
import type { ClusterEvent } from "../ClusterEvent.ts"
import type { NameResolveError } from "../NameResolver.ts"
import type { Synced } from "../Observer.ts"
import type { Peer } from "../Peer.ts"
import * as PeerModule from "../Peer.ts"
import { certifies } from "../protocol/certificates.ts"
import { checkPeer } from "../protocol/checks.ts"
import { accepted, codeName, codes, type Decision } from "../protocol/decisions.ts"
import { limits } from "../protocol/figures.ts"
import { maxLinkFrame } from "../protocol/frames.ts"
import { type Identity, isObserver } from "../protocol/identity.ts"
import { decodeLinkFrame, encodeLinkFrame, type GoawayReason } from "../protocol/linkFrames.ts"
import type { ConnectFailure } from "../protocol/node.ts"
import { decodeObservation, type Observation } from "../protocol/observation.ts"
import type { Connection } from "../Transport.ts"
import { TransportError } from "../TransportError.ts"
import { type Caller, connect } from "./caller.ts"
import { notConnected } from "./clusterCalls.ts"
import { configFor, type Handshake, initiate } from "./handshaking.ts"
import { eventOf } from "./publicView.ts"
import { handshakeTimeout } from "./runLink.ts"

type Told = ClusterEvent | Synced

/** What a node tells of its members over a link of its own, from the dial to the link's end. */
export const observing = (caller: Caller, peer: Peer, attempt: number): Stream.Stream<Told, ConnectError> => {
  const subject = PeerModule.format(peer)
  return Stream.fromPull(
    Effect.gen(function* () {
      const { connection, rest } = yield* open(caller, peer, subject, attempt)
      const observation = new Watching(connection, subject, yield* Clock.Clock, rest)
      yield* Effect.forkScoped(observation.beat)
      return observation.pull
    })
  ).pipe(Stream.scoped)
}

const failed = (peer: string, detail: string, reason: ConnectFailure = "failed"): ConnectError =>
  new ConnectError({ peer, reason, detail })

const reasonOf = (error: TransportError | NameResolveError): ConnectFailure => {
  if (!(error instanceof TransportError)) return "failed"
  if (error.reason._tag === "Refused") return "refused"
  return error.reason._tag === "SecurityFailed" ? "auth_failed" : "failed"
}

/** An open link to the node, or why there is none. */
const open = (
  caller: Caller,
  peer: Peer,
  subject: string,
  attempt: number
): Effect.Effect<
  { readonly connection: Connection; readonly rest: ReadonlyArray<Uint8Array> },
  ConnectError,
  Scope.Scope
> =>
  Effect.gen(function* () {
    const address = peer.address === undefined ? undefined : Address.format(peer.address)
    const connection = yield* connect(caller, { address, name: peer.name })
    let decision = 0
    const identity = caller.identity(attempt, peer.name)
    const now = yield* Clock.currentTimeMillis
    const handshake = yield* initiate({
      connection,
      config: configFor(caller.cluster, caller.keyring, connection),
      identity,
      nonce: caller.nonce(),
      judge: (node) => {
        const verdict = judge(connection, identity, node, now)
        decision = verdict
        return Effect.succeed({ decision: verdict, retryAfterMs: 0, knownGeneration: 0 })
      },
      refused: (_node, code) => {
        decision = code
      }
    })
    if (handshake._tag === "Open") return { connection, rest: handshake.rest }
    return yield* refusal(subject, handshake, decision)
  }).pipe(
    Effect.mapError((error) =>
      error instanceof ConnectError ? error : failed(subject, error.message, reasonOf(error))
    ),
    Effect.timeoutOrElse({
      duration: handshakeTimeout,
      orElse: () =>
        Effect.fail(failed(subject, `no answer within ${handshakeTimeout} ms; diagnose tells at which step`))
    })
  )

/** What an observer asks of a node: to be of its cluster, the one that was dialed, and under mTLS the one it says. */
const judge = (connection: Connection, self: Identity, node: Identity, now: number): Decision => {
  const basic = checkPeer(self, node, now)
  if (basic !== accepted) return basic
  if (isObserver(node)) return codes.malformed
  const { proof } = connection
  return proof._tag === "Mtls" && !certifies(proof.names, node.name) ? codes.not_admitted : accepted
}

const refusal = (peer: string, handshake: Handshake, decision: number): ConnectError => {
  switch (handshake._tag) {
    case "Failed":
      return failed(peer, handshake.reason, codeName(handshake.code) ?? "unknown")
    case "Rejected":
      return notConnected(peer, codeName(handshake.code) ?? "unknown")
    default:
      return decision === codes.too_many_peers
        ? failed(
            peer,
            `${limits.observers} observers watch it already: end one, or watch another node`,
            "too_many_peers"
          )
        : notConnected(peer, codeName(decision) ?? "unknown")
  }
}

const farewells: Readonly<Record<GoawayReason, string>> = {
  replaced: "the node replaced the link: watch it again",
  disconnect: "the node parted from this observer: watch it again",
  one_way: "the node heard nothing of this observer: watch it again",
  too_many_peers: "the node has too many peers: watch another one",
  protocol: "the node ended the link: this observer was silent for too long, or of another version; its log says which"
}

const seen = Effect.ignoreCause({ log: "Error", message: "a fiber of an observer failed; please report it" })

/** A link to a node that is watched. */
class Watching {
  readonly #connection: Connection
  readonly #subject: string
  readonly #clock: Clock.Clock
  #frames: ReadonlyArray<Uint8Array>
  #heardAt: number
  #seq = 0
  #end: ConnectError | undefined

  constructor(connection: Connection, subject: string, clock: Clock.Clock, frames: ReadonlyArray<Uint8Array>) {
    connection.limitFrames(maxLinkFrame)
    this.#connection = connection
    this.#subject = subject
    this.#clock = clock
    this.#frames = frames
    this.#heardAt = clock.currentTimeMillisUnsafe()
  }

  /** Keeps the link alive. That it ended is told by `pull`. */
  readonly beat: Effect.Effect<void> = Effect.suspend(() => {
    this.#seq = (this.#seq + 1) >>> 0
    const age = Math.max(0, Math.round(this.#clock.currentTimeMillisUnsafe() - this.#heardAt))
    const lastRecvAgeMs = Math.min(0xffff_ffff, age)
    const frame = encodeLinkFrame({ _tag: "Heartbeat", seq: this.#seq, ackRequested: false, lastRecvAgeMs })
    return this.#connection.send([frame])
  }).pipe(Effect.andThen(Effect.sleep(limits.observerHeartbeat)), Effect.forever, Effect.ignore, seen)

  readonly pull: Effect.Effect<NonEmptyReadonlyArray<Told>, ConnectError> = Effect.suspend(() => {
    if (this.#end !== undefined) return Effect.fail(this.#end)
    const told: Array<Told> = []
    const answers: Array<Uint8Array> = []
    for (const frame of this.#frames) if (this.#end === undefined) this.#take(frame, told, answers)
    this.#frames = []
    const [first, ...others] = answers
    const answered = first === undefined ? Effect.void : this.#sent([first, ...others])
    if (told.length > 0) return Effect.as(answered, told as unknown as NonEmptyReadonlyArray<Told>)
    return this.#end === undefined ? Effect.andThen(answered, this.#received) : Effect.fail(this.#end)
  })

  #sent(frames: NonEmptyReadonlyArray<Uint8Array>): Effect.Effect<void> {
    // That the link ended is told by what is read next.
    return Effect.ignore(this.#connection.send(frames))
  }

  readonly #received: Effect.Effect<NonEmptyReadonlyArray<Told>, ConnectError> = Effect.suspend(
    () => this.#connection.receive
  ).pipe(
    Effect.mapError((error) => failed(this.#subject, `the link ended: ${error.reason.message}`)),
    Effect.timeoutOrElse({
      duration: limits.observerSilence,
      orElse: () => Effect.fail(failed(this.#subject, "the node is silent: is its machine up, and the way to it?"))
    }),
    Effect.flatMap((frames) => {
      this.#heardAt = this.#clock.currentTimeMillisUnsafe()
      this.#frames = frames
      return this.pull
    })
  )

  #take(bytes: Uint8Array, told: Array<Told>, answers: Array<Uint8Array>): void {
    const decoded = decodeLinkFrame(bytes)
    if (!decoded.ok) return this.#malformed(decoded.reason)
    const frame = decoded.value
    switch (frame._tag) {
      case "Event": {
        const observation = decodeObservation(frame.body)
        if (observation.ok) told.push(toldBy(observation.value))
        else this.#malformed(observation.reason)
        return
      }
      case "Heartbeat":
        if (frame.ackRequested) answers.push(encodeLinkFrame({ _tag: "HeartbeatAck", seq: frame.seq }))
        return
      case "HeartbeatAck":
        return
      case "Leave":
        this.#end = failed(this.#subject, "the node left the cluster: watch another one", "shutting_down")
        return
      case "Goaway":
        this.#end = failed(this.#subject, farewells[frame.reason])
        return
      default:
        this.#malformed(`a node does not send ${frame._tag} to an observer`)
    }
  }

  #malformed(reason: string): void {
    const detail = `the node sent what is no event (${reason}): upgrade the older one of the two`
    this.#end = failed(this.#subject, detail, "malformed")
  }
}

/** Nobody in it is `self`: no node has an empty name. */
const toldBy = (observation: Observation): Told =>
  observation._tag === "Synced" ? observation : eventOf(observation, "")
