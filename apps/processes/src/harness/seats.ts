/**
 * Where nodes live: an address for each, and the words in front of its command that put it there.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { createServer } from "node:net"

/** A place for one node at a time. */
export interface Seat {
  readonly name: string
  readonly host: string
  readonly port: number
  /** Goes in front of the command: `ip netns exec …`. */
  readonly prefix: ReadonlyArray<string>
}

/** The harness cannot go on. */
export class HarnessError extends Schema.TaggedError<HarnessError>("gc-processes/HarnessError")("HarnessError", {
  what: Schema.String
}) {
  override get message(): string {
    return this.what
  }
}

/** Ports from here on are tried: below those that systems give to outgoing connections. */
const [firstPort, lastPort] = [10_000, 30_000]

/** Whether nobody listens there. */
const isFree = (port: number): Effect.Effect<boolean> =>
  Effect.callback((resume) => {
    const server = createServer()
    server.once("error", () => resume(Effect.succeed(false)))
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () => server.close(() => resume(Effect.succeed(true))))
  })

/** A port of loopback where nobody listens now. */
export const freePort: Effect.Effect<number, HarnessError> = Effect.suspend(() =>
  Effect.map(loopbackSeats(1), ([seat]) => (seat as Seat).port)
)

/** So many seats on loopback, at fixed ports, for a node that is restarted comes back to its own. */
export const loopbackSeats = Effect.fnUntraced(function* (
  count: number,
  prefix: ReadonlyArray<string> = []
): Effect.fn.Return<ReadonlyArray<Seat>, HarnessError> {
  const seats: Array<Seat> = []
  const start = firstPort + Math.floor(Math.random() * (lastPort - firstPort - 2 * count))
  for (let port = start; port < lastPort && seats.length < count; port++) {
    if (yield* isFree(port)) seats.push({ name: `n${seats.length + 1}@127.0.0.1`, host: "127.0.0.1", port, prefix })
  }
  if (seats.length === count) return seats
  return yield* new HarnessError({ what: `there are no ${count} free ports on loopback` })
})
