import * as Effect from "effect/Effect"
import { connections, listeners, rounds, type Mutant } from "../mutation.ts"

export const endurance: ReadonlyArray<Mutant> = [
  {
    name: "claims a proof",
    mutate: connections((connection) => ({
      ...connection,
      proof: { _tag: "Psk", identity: "gc1:suite:first", channelBinding: new Uint8Array(32) }
    })),
    caughtBy: ["both ends prove the mode that was wanted"]
  },
  {
    name: "loses a frame now and then",
    mutate: rounds(40, (frames) => (frames.length > 1 ? (frames.slice(1) as never) : frames)),
    caughtBy: ["many connections carry much in both directions at once"]
  },
  {
    name: "accepts fifty connections",
    mutate: listeners((listener) => {
      let left = 50
      return { ...listener, accept: Effect.suspend(() => (left-- > 0 ? listener.accept : Effect.never)) }
    }),
    caughtBy: ["many connections come and go"]
  },
  {
    name: "goes wrong after a thousand batches",
    mutate: rounds(1000, (frames) => frames.map(() => new Uint8Array(9)) as never),
    caughtBy: ["a ping and its answer, a thousand times"]
  }
]
