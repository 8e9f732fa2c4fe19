import { type Connection } from "@gc/core/Transport"
import * as Effect from "effect/Effect"
import { forgetSocket } from "../forgotten.ts"
import { connections, later, receives, sends, onFailure, type Mutant } from "../mutation.ts"

export const ending: ReadonlyArray<Mutant> = [
  {
    name: "ends once and hangs from then on",
    mutate: connections((connection) => {
      let ended = false
      const receive: Connection["receive"] = Effect.suspend(() =>
        ended ? Effect.never : Effect.tapError(connection.receive, () => Effect.sync(() => (ended = true)))
      )
      return { ...connection, receive }
    }),
    caughtBy: ["the end stays the end"]
  },
  {
    name: "leaves a receive waiting when its scope closes",
    mutate: receives((receive) => onFailure(receive, () => Effect.never)),
    caughtBy: ["a receive that waits ends when its own scope closes"]
  },
  {
    name: "does not send what waits when its scope closes",
    mutate: later,
    caughtBy: ["what still waited to be written when the scope closed arrives, too"]
  },
  {
    name: "forgets a socket",
    mutate: connections((connection) => Effect.as(forgetSocket, connection)),
    caughtBy: ["when everything is closed no socket is left open"]
  },
  {
    name: "sends into the void",
    mutate: sends((send) => (batch) => Effect.ignore(send(batch))),
    caughtBy: [
      "after its scope closed, send and receive fail with Closed",
      "after the other end closed, send fails",
      "send to an end that is gone fails sooner or later, though nobody receives"
    ]
  },
  {
    name: "waits for the other end to close first",
    mutate: connections((connection) =>
      Effect.as(
        Effect.addFinalizer(() => Effect.ignore(Effect.forever(connection.receive))),
        connection
      )
    ),
    caughtBy: ["both ends may close at once, and twice"]
  }
]
