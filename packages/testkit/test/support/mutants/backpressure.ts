import { type Connection } from "@gc/core/Transport"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import { tick, connections, listeners, receives, sends, sizeOf, type Mutant } from "../mutation.ts"

export const backpressure: ReadonlyArray<Mutant> = [
  {
    name: "does not read while it sends",
    mutate: connections((connection) => {
      let sending = 0
      const send: Connection["send"] = (batch) =>
        Effect.acquireUseRelease(
          Effect.sync(() => sending++),
          () => connection.send(batch),
          () => Effect.sync(() => sending--)
        )
      const receive: Connection["receive"] = Effect.suspend(() =>
        sending > 0 ? Effect.andThen(tick, receive) : connection.receive
      )
      return { ...connection, receive, send }
    }),
    caughtBy: ["one direction that is stuck does not hold up the other"]
  },
  {
    name: "writes over what waits",
    mutate: receives((receive) =>
      Effect.map(receive, (frames) => {
        if (frames.length > 40) frames.at(-1)?.fill(0)
        return frames
      })
    ),
    caughtBy: ["small frames that waited come whole, unchanged and in order"]
  },
  {
    name: "sends on one connection at a time",
    mutate: (transport) => {
      const one = Semaphore.makeUnsafe(1)
      return sends((send) => (batch) => one.withPermits(1)(send(batch)))(transport)
    },
    caughtBy: ["one connection that is stuck does not hold up another"]
  },
  {
    name: "closes when everything is sent",
    mutate: connections((connection) =>
      Effect.gen(function* () {
        let sending = 0
        const sent: Effect.Effect<void> = Effect.suspend(() => (sending > 0 ? Effect.andThen(tick, sent) : Effect.void))
        yield* Effect.addFinalizer(() => sent)
        const send: Connection["send"] = (batch) =>
          Effect.acquireUseRelease(
            Effect.sync(() => sending++),
            () => connection.send(batch),
            () => Effect.sync(() => sending--)
          )
        return { ...connection, send }
      })
    ),
    caughtBy: ["a scope closes in a second though the other end does not read, and the waiting send fails"]
  },
  {
    name: "closes when everything is read",
    mutate: connections((connection) =>
      Effect.gen(function* () {
        let unread = 0
        const read: Effect.Effect<void> = Effect.suspend(() =>
          connection.bytesReceived() > unread ? Effect.andThen(tick, read) : Effect.void
        )
        yield* Effect.addFinalizer(() => read)
        const receive = Effect.map(connection.receive, (frames) => {
          unread += frames.reduce((sum, frame) => sum + 4 + sizeOf(frame), 0)
          return frames
        })
        return { ...connection, receive }
      })
    ),
    caughtBy: ["a scope closes in a second though it left bytes unread"]
  },
  {
    name: "closes its listener when every connection is closed",
    mutate: listeners((listener) =>
      Effect.gen(function* () {
        let open = 0
        const none: Effect.Effect<void> = Effect.suspend(() => (open > 0 ? Effect.andThen(tick, none) : Effect.void))
        yield* Effect.addFinalizer(() => none)
        const accept = Effect.tap(listener.accept, () => {
          open++
          return Effect.addFinalizer(() => Effect.sync(() => open--))
        })
        return { ...listener, accept }
      })
    ),
    caughtBy: ["a listener closes in a second though a connection of it is stuck"]
  }
]
