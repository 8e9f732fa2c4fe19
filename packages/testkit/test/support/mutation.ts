import {
  Closed,
  type Connection,
  type Listener,
  type OutboundFrame,
  piecesOf,
  type Transport,
  TransportError
} from "@gc/core/Transport"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"

type Service = Transport["Service"]
export type Frames = readonly [Uint8Array, ...Array<Uint8Array>]
export type Mutation = (transport: Service) => Service

export const tick: Effect.Effect<void> = Effect.callback((resume) => void setImmediate(() => resume(Effect.void)))

export const closed = Effect.fail(new TransportError({ transport: "broken", address: "", reason: new Closed({}) }))

/** Changes every connection, however it was opened; `change` may add finalizers in front of the connection's own. */
export const connections =
  (change: (connection: Connection) => Connection | Effect.Effect<Connection, never, Scope.Scope>): Mutation =>
  (transport) => {
    const changed = (connection: Connection) => {
      const answer = change(connection)
      return Effect.isEffect(answer) ? answer : Effect.succeed(answer)
    }
    return {
      ...transport,
      listen: (security) =>
        Effect.map(transport.listen(security), (listener) => ({
          addresses: listener.addresses,
          accept: Effect.flatMap(listener.accept, changed)
        })),
      dial: (address, security) => Effect.flatMap(transport.dial(address, security), changed)
    }
  }

export const listeners =
  (change: (listener: Listener) => Listener | Effect.Effect<Listener, never, Scope.Scope>): Mutation =>
  (transport) => ({
    ...transport,
    listen: (security) =>
      Effect.flatMap(transport.listen(security), (listener) => {
        const answer = change(listener)
        return Effect.isEffect(answer) ? answer : Effect.succeed(answer)
      })
  })

export const receives = (change: (receive: Connection["receive"], connection: Connection) => Connection["receive"]) =>
  connections((connection) => ({ ...connection, receive: change(connection.receive, connection) }))

export const sends = (change: (send: Connection["send"]) => Connection["send"]) =>
  connections((connection) => ({ ...connection, send: change(connection.send) }))

/** A scope that nobody closes. */
export const forgotten = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) =>
  Effect.flatMap(Scope.make(), (scope) => Scope.provide(effect, scope))

export const sizeOf = (frame: OutboundFrame) =>
  piecesOf(frame)
    .flat()
    .reduce((sum, { length }) => sum + length, 0)

/** Frames leave one by one, with others in between. */
export const oneByOne = sends(
  (send) => (batch) =>
    Effect.forEach(batch, (frame) => Effect.andThen(send([frame]), Effect.yieldNow), { discard: true })
)

/** `send` is done at once, the bytes go later, in the order they came. */
export const later = connections((connection) =>
  Effect.gen(function* () {
    const queue = yield* Queue.unbounded<readonly [OutboundFrame, ...Array<OutboundFrame>]>()
    yield* Effect.forkScoped(
      Effect.ignore(
        Effect.forever(Effect.flatMap(Queue.take(queue), (batch) => Effect.andThen(tick, connection.send(batch))))
      )
    )
    return { ...connection, send: (batch) => Effect.asVoid(Queue.offer(queue, batch)) }
  })
)

export const everything = 1 << 30

export const onFailure = (receive: Connection["receive"], instead: () => Connection["receive"]) =>
  receive.pipe(Effect.catch(() => instead()))

export const rounds = (after: number, broken: (frames: Frames) => Frames) => {
  let count = 0
  return receives((receive) => Effect.map(receive, (frames) => (++count > after ? broken(frames) : frames)))
}

/** A way to be wrong, and the checks that must notice. */
export interface Mutant {
  readonly name: string
  readonly mutate: Mutation
  readonly caughtBy: ReadonlyArray<string>
}
