import * as Address from "@gc/core/Address"
import { type Connection, type Listener } from "@gc/core/Transport"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import { connections, listeners, forgotten, type Mutant } from "../mutation.ts"

export const listening: ReadonlyArray<Mutant> = [
  {
    name: "advertises port 0",
    mutate: listeners((listener) => ({ ...listener, addresses: [Address.make("memory", "a", 0)] })),
    caughtBy: ["port 0 is a free port, and the real one is advertised"]
  },
  {
    name: "advertises an address that is not its own",
    mutate: listeners((listener) => ({
      ...listener,
      addresses: [...listener.addresses, Address.make("memory", "a", 9)]
    })),
    caughtBy: ["every advertised address leads to this listener"]
  },
  {
    name: "listens everywhere",
    mutate: (transport) => ({
      ...transport,
      dial: (address, security) => transport.dial({ ...address, host: "a" }, security)
    }),
    caughtBy: ["who listens on loopback is not reached from elsewhere"]
  },
  {
    name: "serves one accept at a time and forgets the others",
    mutate: listeners((listener) => {
      let busy = false
      const accept = Effect.suspend(() => {
        if (busy) return Effect.never
        busy = true
        return Effect.ensuring(
          listener.accept,
          Effect.sync(() => (busy = false))
        )
      })
      return { ...listener, accept }
    }),
    caughtBy: ["each accept that waits gets a connection of its own"]
  },
  {
    name: "goes on accepting for an accept that was interrupted",
    mutate: listeners((listener) => ({
      ...listener,
      accept: Effect.flatMap(Effect.forkDetach(forgotten(listener.accept)), Fiber.join)
    })),
    caughtBy: ["an interrupted accept takes no connection with it"]
  },
  {
    name: "closes accepted connections with the listener",
    mutate: listeners((listener) =>
      Effect.map(Effect.scope, (outer) => ({
        ...listener,
        accept: Effect.gen(function* () {
          const inner = yield* Scope.fork(outer)
          yield* Effect.addFinalizer((exit) => Scope.close(inner, exit))
          return yield* Scope.provide(listener.accept, inner)
        })
      }))
    ),
    caughtBy: ["an accepted connection outlives its listener"]
  },
  {
    name: "forgets connections that nobody accepted",
    mutate: listeners((listener) =>
      Effect.gen(function* () {
        const early = yield* Queue.unbounded<Connection>()
        yield* Effect.forkDetach(
          Effect.ignore(Effect.forever(Effect.flatMap(forgotten(listener.accept), (it) => Queue.offer(early, it))))
        )
        return { ...listener, accept: Queue.take(early) }
      })
    ),
    caughtBy: ["a connection that nobody accepted ends with its listener"]
  },
  {
    name: "leaves an accept waiting when it closes",
    mutate: listeners((listener) => ({ ...listener, accept: listener.accept.pipe(Effect.catch(() => Effect.never)) })),
    caughtBy: ["an accept that waits fails with Closed when its listener closes"]
  },
  {
    name: "accepts a dozen, and nobody after that",
    mutate: listeners((listener) => {
      let count = 0
      return { ...listener, accept: Effect.suspend(() => (count++ < 12 ? listener.accept : Effect.never)) }
    }),
    caughtBy: ["a crowd that connects and says nothing keeps nobody out"]
  },
  {
    name: "does not close what it accepted",
    mutate: listeners((listener) => ({ ...listener, accept: forgotten(listener.accept) })),
    caughtBy: ["the closed scope of an accepted connection closes it, and no other"]
  },
  {
    name: "has one listener for all",
    mutate: (transport) => {
      let first: Listener | undefined
      return {
        ...transport,
        listen: (security) =>
          Effect.map(transport.listen(security), (listener) => ({
            addresses: listener.addresses,
            accept: (first ??= listener).accept
          }))
      }
    },
    caughtBy: ["one transport has several listeners at once, each with its own connections"]
  },
  {
    name: "does not tell the peer's host",
    mutate: connections((connection) => ({ ...connection, remoteHost: Option.none() })),
    caughtBy: ["the host of the other end is told"]
  }
]
