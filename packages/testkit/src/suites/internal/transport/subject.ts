import type * as Address from "@gc/core/Address"
import type {
  Connection,
  LinkSecurity,
  Listener,
  OutboundFrame,
  SecurityMode,
  Transport,
  TransportError
} from "@gc/core/Transport"
import { assert } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import type { NonEmptyReadonlyArray } from "effect/Array"
import type { TransportCapabilities } from "../../TransportCapabilities.ts"
import { type Section, within } from "../check.ts"

/** A listener in a scope of its own. */
export interface OpenListener extends Listener {
  /** Closes the scope that the listener lives in. */
  readonly close: Effect.Effect<void>
}

/** The transport under test, and what a check needs to ask it. */
export interface Subject {
  readonly transport: Transport["Service"]
  readonly security: LinkSecurity
  readonly capabilities: TransportCapabilities
  readonly mode: SecurityMode
  /** Bytes that a connection may take while nobody reads. */
  readonly buffered: number
  /** Fails when the effect takes longer than the transport's patience. */
  readonly soon: <A, E, R>(what: string, effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** What decides which sections a transport is asked. */
export interface Profile {
  readonly capabilities: TransportCapabilities
  readonly mode: SecurityMode
}

export type TransportSection = Section<Subject, Profile>

/** A section for one mode. */
export const onlyIn = (mode: SecurityMode) => (profile: Profile) =>
  profile.mode === mode ? undefined : `only in ${mode} mode`

/** One end of a connection, in a scope of its own. */
export interface End extends Connection {
  /** Closes the scope that the connection lives in. */
  readonly close: Effect.Effect<void>
}

const psk = (identity: string, byte: number) => ({
  identity,
  key: Redacted.make(new Uint8Array(32).fill(byte))
})

/** Two keys, as while a cookie is rotated. */
export const keys = [psk("gc1:suite:first", 1), psk("gc1:suite:second", 2)] as const

/** A key that no listener of the suite has. */
export const strangerKey = psk("gc1:suite:first", 9)

const securityOf = (mode: SecurityMode): LinkSecurity => ({
  mode,
  psks: mode === "psk" ? keys : [],
  allowPlaintext: false
})

export const makeSubject = (
  transport: Transport["Service"],
  capabilities: TransportCapabilities,
  mode: SecurityMode
): Subject => {
  const patience = Duration.fromInputUnsafe(capabilities.patience ?? Duration.seconds(5))
  return {
    transport,
    capabilities,
    mode,
    security: securityOf(mode),
    buffered: capabilities.buffered ?? 16_777_216,
    soon: (what, effect) => within(patience, what, effect)
  }
}

const endpoint = (connection: Connection, close: Effect.Effect<void>): End => ({
  remote: connection.remote,
  remoteHost: connection.remoteHost,
  proof: connection.proof,
  receive: connection.receive,
  send: (batch) => connection.send(batch),
  bytesReceived: () => connection.bytesReceived(),
  limitFrames: (bytes) => connection.limitFrames(bytes),
  close
})

/** Runs `open` in a scope of its own, which `close` closes and the check's end too. */
const inOwnScope = <A, E>(open: Effect.Effect<A, E, Scope.Scope>) =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      yield* Effect.addFinalizer((exit) => Scope.close(scope, exit))
      const value = yield* restore(Scope.provide(open, scope))
      return [value, Scope.close(scope, Exit.void)] as const
    })
  )

export const listen = (subject: Subject) =>
  Effect.map(
    inOwnScope(subject.soon("listen", subject.transport.listen(subject.security))),
    ([listener, close]): OpenListener => ({ addresses: listener.addresses, accept: listener.accept, close })
  )

export const dial = (subject: Subject, listener: Listener, security = subject.security) =>
  Effect.map(
    inOwnScope(subject.soon("dial", subject.transport.dial(addressOf(listener), security))),
    ([connection, close]) => endpoint(connection, close)
  )

export const accept = (subject: Subject, listener: Listener) =>
  Effect.map(inOwnScope(subject.soon("accept", listener.accept)), ([connection, close]) => endpoint(connection, close))

export const addressOf = (listener: Listener): Address.Address => {
  const address = listener.addresses[0]
  assert(address !== undefined, "a listener has an address")
  return address
}

/** The two ends of a new connection to this listener. */
export const join = (subject: Subject, listener: Listener) =>
  Effect.map(Effect.all([dial(subject, listener), accept(subject, listener)], { concurrency: 2 }), ([near, far]) => ({
    near,
    far
  }))

/** A listener, and the two ends of a connection to it. */
export const connect = Effect.fnUntraced(function* (subject: Subject) {
  const listener = yield* listen(subject)
  return { listener, ...(yield* join(subject, listener)) }
})

/** Frames in the order they came, until there are `count`. */
export const receiveCount = (subject: Subject, end: Connection, count: number) =>
  Effect.gen(function* () {
    const frames: Array<Uint8Array> = []
    while (frames.length < count) {
      const batch = yield* subject.soon(`receive after ${frames.length} of ${count} frames`, end.receive)
      assert.isAbove(batch.length, 0, "a batch is never empty")
      frames.push(...batch)
    }
    assert.strictEqual(frames.length, count, "no more frames come than were sent")
    return frames
  })

/** What an effect of the transport failed with. */
export const reasonOf = (subject: Subject, what: string, effect: Effect.Effect<unknown, TransportError>) =>
  subject.soon(
    what,
    Effect.matchEffect(effect, {
      onFailure: (error) => {
        assert.strictEqual(error._tag, "TransportError")
        return Effect.succeed(error.reason)
      },
      onSuccess: () => Effect.die(new Error(`${what}: it did not fail`))
    })
  )

/** Receives until the end, and says which. */
export const endOf = (subject: Subject, end: Connection) =>
  reasonOf(subject, "the end of the stream", Effect.forever(end.receive))

export const assertEnded = (tag: string) => assert.include(["Closed", "Reset"], tag)

export const isSame = (left: Uint8Array, right: Uint8Array): boolean =>
  left.length === right.length && left.every((byte, index) => byte === right[index])

/** A frame of 32-bit numbers behind its type. */
export const numbered = (size: number, ...numbers: ReadonlyArray<number>): Uint8Array => {
  const frame = new Uint8Array(Math.max(size, 1 + numbers.length * 4))
  frame[0] = 0x20
  const view = new DataView(frame.buffer)
  numbers.forEach((number, index) => view.setUint32(1 + index * 4, number))
  return frame
}

export const numberIn = (frame: Uint8Array, index = 0): number =>
  new DataView(frame.buffer, frame.byteOffset, frame.byteLength).getUint32(1 + index * 4)

export const batchOf = <A extends OutboundFrame>(frames: Iterable<A>): NonEmptyReadonlyArray<A> => {
  const batch = [...frames]
  assert.isAbove(batch.length, 0)
  return batch as [A, ...Array<A>]
}

/** Suspends until a sender that nobody reads from makes no progress any more; fails when it takes more than it may. */
export const stalled = (subject: Subject, bytesSent: () => number) =>
  subject.soon(
    "backpressure",
    Effect.gen(function* () {
      let before = -1
      while (bytesSent() !== before) {
        before = bytesSent()
        assert.isAtMost(before, subject.buffered, "send took more than may be buffered, and nobody reads")
        yield* Effect.sleep("200 millis")
      }
    })
  )

/** How long an effect took, in milliseconds of the wall clock. */
export const timed = <E, R>(effect: Effect.Effect<unknown, E, R>) =>
  Effect.map(Effect.timed(effect), ([duration]) => Duration.toMillis(duration))
