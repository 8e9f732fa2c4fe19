import { type Connection } from "@gc/core/Transport"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Semaphore from "effect/Semaphore"
import { forgetSocket } from "../forgotten.ts"
import { closed, connections, receives, type Mutant } from "../mutation.ts"

export const interruption: ReadonlyArray<Mutant> = [
  {
    name: "forgets a socket of a listen that is interrupted",
    mutate: (transport) => ({
      ...transport,
      listen: (security) =>
        Effect.andThen(Effect.yieldNow, transport.listen(security)).pipe(Effect.onInterrupt(() => forgetSocket))
    }),
    caughtBy: ["a listen that is interrupted leaves nothing open, though its scope stays open"]
  },
  {
    name: "loses what an interrupted receive waited for",
    mutate: receives((receive) => Effect.flatMap(Effect.forkDetach(receive), Fiber.join)),
    caughtBy: ["an interrupted receive loses no frame"]
  },
  {
    name: "lets a second receive wait",
    mutate: connections((connection) => ({
      ...connection,
      receive: Semaphore.makeUnsafe(1).withPermits(1)(connection.receive)
    })),
    caughtBy: ["a second receive fails with ConcurrentReceive, and the first goes on"]
  },
  {
    name: "takes an interrupted receive for one that waits",
    mutate: connections((connection) => {
      let waiting = false
      const receive: Connection["receive"] = Effect.suspend(() => {
        if (waiting) return closed
        waiting = true
        return Effect.tap(connection.receive, () => Effect.sync(() => (waiting = false)))
      })
      return { ...connection, receive }
    }),
    caughtBy: ["after an interrupted receive another one may wait"]
  }
]
