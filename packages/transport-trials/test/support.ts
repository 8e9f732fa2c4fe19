import type * as Address from "@gc/core/Address"
import * as Transport from "@gc/core/Transport"
import { assert } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import * as References from "effect/References"
import type * as Scope from "effect/Scope"

/** Waits for a condition; the test's own timeout ends it. */
export const until = (condition: () => boolean): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const timer = setInterval(() => {
      if (!condition()) return
      clearInterval(timer)
      resume(Effect.void)
    }, 2)
    return Effect.sync(() => clearInterval(timer))
  })

/** Lets the event loop look for I/O a few times: whatever is on its way on loopback has been seen then. */
export const turns: Effect.Effect<void> = Effect.repeat(
  Effect.callback<void>((resume) => void setImmediate(() => resume(Effect.void))),
  { times: 4 }
).pipe(Effect.asVoid)

export const addressOf = (listener: Transport.Listener): Address.Address => {
  const [address, ...others] = listener.addresses
  assert(address !== undefined && others.length === 0)
  return address
}

/** Receives until `count` frames are there. */
export const receiveFrames = Effect.fnUntraced(function* (connection: Transport.Connection, count: number) {
  const frames: Array<Uint8Array> = []
  while (frames.length < count) frames.push(...(yield* connection.receive))
  return frames
})

/** Runs an effect that must fail with a `TransportError`, and answers it. */
export const errorOf = <A, R>(
  effect: Effect.Effect<A, Transport.TransportError, R>
): Effect.Effect<Transport.TransportError, never, R> =>
  Effect.map(Effect.exit(effect), (exit) => {
    assert(Exit.isFailure(exit), "it should have failed")
    const error = Cause.squash(exit.cause)
    assert(error instanceof Transport.TransportError, String(error))
    return error
  })

export const reasonOf = <A, R>(
  effect: Effect.Effect<A, Transport.TransportError, R>
): Effect.Effect<Transport.TransportReason, never, R> => Effect.map(errorOf(effect), (error) => error.reason)

/** A frame whose bytes tell its number and whether one was lost or changed. */
export const numbered = (number: number, length: number): Uint8Array => {
  const frame = new Uint8Array(length)
  for (let index = 0; index < length; index++) frame[index] = (number * 31 + index * 7) & 0xff
  return frame
}

export const assertSameFrames = (actual: ReadonlyArray<Uint8Array>, expected: ReadonlyArray<Uint8Array>): void => {
  assert.strictEqual(actual.length, expected.length)
  for (const [index, frame] of actual.entries()) {
    assert(Buffer.compare(frame, expected[index]!) === 0, `frame ${index} differs`)
  }
}

/** A length on the wire, and what there is behind it. */
export const declared = (length: number, ...bytes: ReadonlyArray<number>): Buffer => {
  const frame = Buffer.alloc(4 + bytes.length)
  frame.writeUInt32BE(length)
  frame.set(bytes, 4)
  return frame
}

/** On the wire: `length u32 | frame`. */
export const onWire = (frame: Uint8Array): Buffer => Buffer.concat([declared(frame.length), frame])

/** Pseudo-random numbers in [0, 1), the same for the same seed. */
export const random = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** TCP handles that keep this process alive. */
export const openSockets = (): number =>
  process.getActiveResourcesInfo().filter((name) => name.startsWith("TCP") || name.startsWith("TLS")).length

/** What a counter stands at, over all its attributes or for some of them, in the registry of the test. */
export const counted = (name: string, attributes: Record<string, string> = {}): Effect.Effect<number> =>
  Effect.map(Metric.snapshot, (snapshot) => {
    let sum = 0
    for (const metric of snapshot) {
      const matches = Object.entries(attributes).every(([key, value]) => metric.attributes?.[key] === value)
      if (metric.id === name && metric.type === "Counter" && matches) sum += Number(metric.state.count)
    }
    return sum
  })

/** Waits until a counter stands at least there; the test's own timeout ends it. */
export const untilCounted = Effect.fnUntraced(function* (
  name: string,
  least: number,
  attributes: Record<string, string> = {}
) {
  while ((yield* counted(name, attributes)) < least) yield* Effect.sleep("1 millis")
})

/** For tests whose listeners have to refuse somebody, and say so. */
export const quietly = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.provideService(effect, References.MinimumLogLevel, "None")

/** A registry of its own, so that tests that run at once do not count together; quiet, too. */
export const withOwnMetrics = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.provideService(quietly(effect), Metric.MetricRegistry, new Map())

/** What is over before the test itself begins: its metrics are none of the test's, though its nodes have the same names. */
export const apart = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, Exclude<R, Scope.Scope>> =>
  withOwnMetrics(Effect.scoped(effect))
