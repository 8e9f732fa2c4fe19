import { type Connection, FrameTooLarge, TransportError } from "@gc/core/Transport"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Queue from "effect/Queue"
import { connections, everything, receives, type Frames, type Mutant } from "../mutation.ts"

export const limits: ReadonlyArray<Mutant> = [
  {
    name: "has another limit at first",
    mutate: connections((connection) => {
      connection.limitFrames(4097)
      return connection
    }),
    caughtBy: ["a frame of 4096 bytes passes at first, one of 4097 does not"]
  },
  {
    name: "drops what is in front of a frame that is too large",
    mutate: connections((connection) => {
      let limit = 4096
      connection.limitFrames(everything)
      const receive = Effect.flatMap(connection.receive, (frames) => {
        const large = frames.find((frame) => frame.length > limit)
        if (large === undefined) return Effect.succeed(frames)
        const reason = new FrameTooLarge({ declared: large.length, limit })
        return Effect.fail(new TransportError({ transport: "broken", address: "", reason }))
      })
      return { ...connection, receive, limitFrames: (bytes) => (limit = bytes) }
    }),
    caughtBy: ["the frames in front of one that is too large are given first"]
  },
  {
    name: "judges frames when they arrive",
    mutate: connections((connection) =>
      Effect.gen(function* () {
        const arrived = yield* Queue.unbounded<Exit.Exit<Frames, TransportError>>()
        yield* Effect.forkScoped(
          Effect.forever(Effect.flatMap(Effect.exit(connection.receive), (exit) => Queue.offer(arrived, exit)))
        )
        return { ...connection, receive: Effect.flatten(Queue.take(arrived)) }
      })
    ),
    caughtBy: ["a limit counts from the next receive on, for frames that arrived before it was set, too"]
  },
  {
    name: "takes no new limit after the first frame",
    mutate: connections((connection) => {
      let seen = false
      return {
        ...connection,
        receive: Effect.map(connection.receive, (frames) => {
          seen = true
          return frames
        }),
        limitFrames: (bytes) => (seen ? undefined : connection.limitFrames(bytes))
      }
    }),
    caughtBy: ["a limit set while receive waits counts from the next one on"]
  },
  {
    name: "cuts large frames",
    mutate: receives((receive) =>
      Effect.map(receive, (frames) => frames.map((frame) => frame.subarray(0, 65_536)) as unknown as Frames)
    ),
    caughtBy: ["large frames come whole and unchanged where the limit allows them"]
  },
  {
    name: "has one limit for all connections",
    mutate: (transport) => {
      const all: Array<Connection> = []
      return connections((connection) => {
        all.push(connection)
        return { ...connection, limitFrames: (bytes) => all.forEach((each) => each.limitFrames(bytes)) }
      })(transport)
    },
    caughtBy: ["the ends of a connection have limits of their own"]
  }
]
