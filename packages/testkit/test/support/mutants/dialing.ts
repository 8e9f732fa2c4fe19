import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { forgotten, type Mutant } from "../mutation.ts"

export const dialing: ReadonlyArray<Mutant> = [
  {
    name: "dials before it is run",
    mutate: (transport) => ({
      ...transport,
      dial: (address, security) => {
        const eager = Effect.runFork(forgotten(transport.dial(address, security)))
        return Fiber.join(eager)
      }
    }),
    caughtBy: ["a dial that is interrupted before it begins opens nothing"]
  },
  {
    name: "dials on when it is interrupted",
    mutate: (transport) => ({
      ...transport,
      dial: (address, security) => Effect.uninterruptible(transport.dial(address, security))
    }),
    caughtBy: ["a dial that is interrupted leaves no connection behind, though its scope stays open"]
  },
  {
    name: "dials every protocol",
    mutate: (transport) => ({
      ...transport,
      dial: (address, security) => transport.dial({ ...address, protocol: "memory", host: "a" }, security)
    }),
    caughtBy: ["a protocol that is not the transport's own is refused by name"]
  },
  {
    name: "does not close what it dialed",
    mutate: (transport) => ({
      ...transport,
      dial: (address, security) => forgotten(transport.dial(address, security))
    }),
    caughtBy: ["the closed scope of a dial closes its connection"]
  },
  {
    name: "waits at a closed port",
    mutate: (transport) => ({
      ...transport,
      dial: (address, security) => transport.dial(address, security).pipe(Effect.catch(() => Effect.never))
    }),
    caughtBy: ["a dial to a port that nobody listens on any more is refused"]
  }
]
