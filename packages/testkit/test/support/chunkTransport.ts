import type * as Address from "@gc/core/Address"
import { FrameDecoder } from "@gc/core/FrameDecoder"
import {
  Closed,
  type Connection,
  FrameMalformed,
  FrameTooLarge,
  type LinkProof,
  type LinkSecurity,
  type Listener,
  type Psk,
  SecurityFailed,
  type Transport,
  TransportError,
  type TransportReason,
  piecesOf
} from "@gc/core/Transport"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Queue from "effect/Queue"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import type { NonEmptyReadonlyArray } from "effect/Array"

/** What can be wrong with it. */
export interface Faults {
  /** A handshake waits until the one before it is done. */
  readonly handshakesInTurn?: boolean
  /** Connections in their handshake survive their listener. */
  readonly forgetsPending?: boolean
  /** A handshake that fails ends the listener. */
  readonly breaksWithAPeer?: boolean
  readonly acceptsFirstKeyOnly?: boolean
  readonly acceptsAnyKey?: boolean
  readonly acceptsAnyIdentity?: boolean
  /** Who shows no key gets a connection in plain mode. */
  readonly acceptsPlain?: boolean
  /** Who is not answered with keys goes on in plain mode. */
  readonly dialsPlain?: boolean
  readonly oneBindingForAll?: boolean
  readonly opensWithoutKey?: boolean
  /** The limit is looked at when a frame is whole. */
  readonly judgesWholeFrames?: boolean
  readonly skipsEmptyFrames?: boolean
  /** Bytes count when their frame is whole. */
  readonly countsWholeFrames?: boolean
  /** What is there of a last frame is given. */
  readonly givesPartOfAFrame?: boolean
}

const huge = 1 << 30

const errorOf = (address: string, reason: TransportReason) =>
  new TransportError({ transport: "chunks", address, reason })

const fail = (address: string, reason: TransportReason) => Effect.fail(errorOf(address, reason))

const requireKey = (security: LinkSecurity, faults: Faults) =>
  security.mode === "psk" && security.psks.length === 0 && faults.opensWithoutKey !== true
    ? fail("", new SecurityFailed({ detail: "there is no key" }))
    : Effect.void

/** A connection that carries bytes in the frames of another, cut anywhere. */
const overBytes = (inner: Connection, proof: LinkProof, faults: Faults): Connection => {
  inner.limitFrames(huge)
  const decoder = new FrameDecoder()
  let received = 0
  let limit = 4096
  const take = (): { readonly frames: Array<Uint8Array>; readonly reason?: TransportReason } => {
    const frames: Array<Uint8Array> = []
    for (;;) {
      const next = decoder.next(faults.judgesWholeFrames === true ? huge * 2 : limit)
      if (next === undefined) return { frames }
      if (next instanceof Uint8Array) frames.push(next)
      else if (next._tag === "TooLarge") {
        return { frames, reason: new FrameTooLarge({ declared: next.length, limit: next.max }) }
      } else if (faults.skipsEmptyFrames === true) return { frames }
      else return { frames, reason: new FrameMalformed({ detail: "it has no bytes" }) }
    }
  }
  let ready: Array<Uint8Array> = []
  const receive: Connection["receive"] = Effect.suspend(() => {
    const { frames, reason } = take()
    ready.push(...frames)
    if (ready.length > 0) return Effect.sync(() => ready.splice(0) as [Uint8Array, ...Array<Uint8Array>])
    if (reason !== undefined) return fail(inner.remote, reason)
    return Effect.flatMap(more, () => receive)
  })
  const chunks = Effect.map(inner.receive, (pieces) => {
    for (const piece of pieces) {
      received += piece.length
      decoder.push(piece)
    }
  })
  const more =
    faults.givesPartOfAFrame === true
      ? chunks.pipe(
          Effect.catch((error) =>
            Effect.suspend(() => {
              if (decoder.buffered === 0) return Effect.fail(error)
              ready = [new Uint8Array(decoder.buffered)]
              decoder.push(new Uint8Array(1000))
              return Effect.void
            })
          )
        )
      : chunks
  return {
    remote: inner.remote,
    remoteHost: inner.remoteHost,
    proof,
    receive,
    send: (batch) => {
      const pieces = batch.flatMap(piecesOf).flatMap((parts) => {
        const prefix = new Uint8Array(4)
        new DataView(prefix.buffer).setUint32(
          0,
          parts.reduce((sum, part) => sum + part.length, 0)
        )
        return [prefix, ...parts]
      })
      return inner.send([Buffer.concat(pieces)])
    },
    bytesReceived: () => (faults.countsWholeFrames === true ? received - decoder.buffered : received),
    limitFrames: (bytes) => {
      limit = bytes
    }
  }
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex")
const helloOf = (psk: Psk) => `${psk.identity} ${hex(Redacted.value(psk.key))}`

/** The dialer shows its key, the listener answers with a binding: a handshake for tests, and for nothing else. */
const greet = Effect.fnUntraced(function* (connection: Connection, security: LinkSecurity) {
  const psk = security.psks[0]!
  yield* connection.send([Buffer.from(helloOf(psk))])
  const [binding] = yield* connection.receive
  const proof: LinkProof = { _tag: "Psk", identity: psk.identity, channelBinding: binding }
  return proof
})

const isKnown = (hello: string, psks: ReadonlyArray<Psk>, faults: Faults) => {
  const [identity, key] = hello.split(" ")
  const known = faults.acceptsFirstKeyOnly === true ? psks.slice(0, 1) : psks
  return known.some(
    (psk) =>
      (faults.acceptsAnyIdentity === true || psk.identity === identity) &&
      (faults.acceptsAnyKey === true || hex(Redacted.value(psk.key)) === key)
  )
}

const answer = Effect.fnUntraced(function* (connection: Connection, security: LinkSecurity, faults: Faults) {
  const [bytes] = yield* connection.receive
  const hello = Buffer.from(bytes).toString()
  if (!isKnown(hello, security.psks, faults)) {
    if (faults.acceptsPlain === true) return overBytes(connection, { _tag: "Plain" }, faults)
    return yield* fail(connection.remote, new SecurityFailed({ detail: "an unknown key" }))
  }
  const binding = new Uint8Array(32)
  if (faults.oneBindingForAll !== true) crypto.getRandomValues(binding)
  yield* connection.send([binding])
  const proof: LinkProof = { _tag: "Psk", identity: hello.split(" ")[0]!, channelBinding: binding }
  return overBytes(connection, proof, faults)
})

/** Handshakes run in the background, each in a scope that goes to whoever accepts the connection. */
const listenWithKeys = Effect.fnUntraced(function* (inner: Listener, security: LinkSecurity, faults: Faults) {
  const whole = yield* Queue.unbounded<readonly [Connection, Scope.Closeable], TransportError>()
  yield* Effect.addFinalizer(() => Queue.fail(whole, errorOf("", new Closed({}))))
  const pending = new Set<Scope.Closeable>()
  if (faults.forgetsPending !== true) {
    yield* Effect.addFinalizer((exit) => Effect.forEach(pending, (scope) => Scope.close(scope, exit)))
  }
  const pump = Effect.gen(function* () {
    const scope = yield* Scope.make()
    pending.add(scope)
    const connection = yield* Scope.provide(inner.accept, scope)
    const handshake = answer(connection, security, faults).pipe(
      Effect.flatMap((done) => Queue.offer(whole, [done, scope])),
      Effect.catch((error) =>
        Effect.andThen(
          faults.breaksWithAPeer === true ? Queue.fail(whole, error) : Effect.void,
          Scope.close(scope, Exit.fail(error))
        )
      )
    )
    yield* faults.handshakesInTurn === true ? handshake : Effect.forkIn(handshake, scope)
  })
  yield* Effect.forkScoped(Effect.ignore(Effect.forever(pump)))
  const accept = Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(restore(Queue.take(whole)), ([connection, scope]) => {
      pending.delete(scope)
      return Effect.as(
        Effect.addFinalizer((exit) => Scope.close(scope, exit)),
        connection
      )
    })
  )
  return { addresses: inner.addresses, accept }
})

/** What fails or is interrupted half-way is closed at once, and not when the caller's scope is. */
const ownedWhole = <A, E>(open: Effect.Effect<A, E, Scope.Scope>): Effect.Effect<A, E, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      yield* Effect.addFinalizer((exit) => Scope.close(scope, exit))
      return yield* restore(Scope.provide(open, scope)).pipe(
        Effect.onError((cause) => Scope.close(scope, Exit.failCause(cause)))
      )
    })
  )

/**
 * A transport of byte streams with a mode of pre-shared keys, made of one of frames: what the suite asks of streams and of
 * keys can be asked of it.
 */
export const chunkTransport = (memory: Transport["Service"], faults: Faults = {}): Transport["Service"] => ({
  name: "chunks",
  protocols: memory.protocols,
  listen: (security) =>
    Effect.flatMap(Effect.andThen(requireKey(security, faults), memory.listen(security)), (inner) =>
      security.mode === "psk"
        ? listenWithKeys(inner, security, faults)
        : Effect.succeed({
            addresses: inner.addresses,
            accept: Effect.map(inner.accept, (connection) => overBytes(connection, { _tag: "Plain" }, faults))
          })
    ),
  dial: (address, security) =>
    ownedWhole(
      Effect.flatMap(Effect.andThen(requireKey(security, faults), memory.dial(address, security)), (inner) =>
        security.mode === "psk"
          ? greet(inner, security).pipe(
              Effect.catch((error) =>
                faults.dialsPlain === true ? Effect.succeed<LinkProof>({ _tag: "Plain" }) : Effect.fail(error)
              ),
              Effect.map((proof) => overBytes(inner, proof, faults))
            )
          : Effect.succeed(overBytes(inner, { _tag: "Plain" }, faults))
      )
    )
})

/** A stream of bytes around `chunkTransport`. */
export const rawStream = (memory: Transport["Service"]) => (address: Address.Address) =>
  Effect.map(memory.dial(address, { mode: "plain", psks: [], allowPlaintext: true }), (connection) => ({
    write: (bytes: Uint8Array) => Effect.orDie(connection.send([bytes] as NonEmptyReadonlyArray<Uint8Array>)),
    ended: Effect.ignore(Effect.forever(connection.receive))
  }))
