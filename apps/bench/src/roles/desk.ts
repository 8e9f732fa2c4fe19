/**
 * What the ends of all contestants have in common: messages to send, the count of those that came, and requests that wait.
 */
import { type Mode, monotonic } from "../links/orders.ts"

/** The end that dials: it sends, and asks. */
export interface Client {
  /**
   * Sends messages of one size in turn, as fast as the other end takes them; `sent` is told how many were handed over. Done when
   * all are.
   */
  readonly flood: (size: number, count: number, sent: (count: number) => void) => Promise<void>
  /** Round trips one after another. Microseconds of each. */
  readonly ping: (size: number, count: number) => Promise<Array<number>>
  /** Requests, so many at a time; done when each has its reply. */
  readonly request: (size: number, count: number, concurrency: number) => Promise<void>
}

/** A program of a pair: a process that listens and one that dials, for one or several contestants (variants). */
export interface Pair {
  readonly listen: (desk: Desk, secret: string) => Promise<string>
  readonly connect: (address: string, secret: string) => Promise<(variant: string) => Client>
}

/** What the serving end was told to do with the messages that come. */
export class Desk {
  mode: Mode = "count"
  variant = ""
  #size = 0
  #left = 0
  #arrived: PromiseWithResolvers<number> = Promise.withResolvers()
  readonly #changed: Array<() => void> = []

  expect(variant: string, mode: Mode, size: number, count: number): void {
    this.variant = variant
    this.mode = mode
    this.#size = size
    this.#left = count
    this.#arrived = Promise.withResolvers()
    for (const wake of this.#changed.splice(0)) wake()
  }

  /** When the last of the expected messages was there. */
  get arrival(): Promise<number> {
    return this.#arrived.promise
  }

  /** One message, of so many bytes. */
  take(bytes: number): void {
    if (bytes !== this.#size) throw new Error(`a message has ${bytes} bytes, not ${this.#size}`)
    if (--this.#left === 0) this.#arrived.resolve(monotonic())
  }

  /** Waits until it is told something else than to leave messages unread. */
  async read(): Promise<void> {
    while (this.mode === "unread") await new Promise<void>((resolve) => this.#changed.push(resolve))
  }
}

const pools = new Map<number, ReadonlyArray<Uint8Array<ArrayBuffer>>>()

/** Sixteen messages of a size, all different: what is sent over and over. */
export const messagesOf = (size: number): ReadonlyArray<Uint8Array<ArrayBuffer>> => {
  const known = pools.get(size)
  if (known !== undefined) return known
  const made = Array.from({ length: 16 }, (_, index) =>
    Uint8Array.from({ length: size }, (_, at) => (at * 31 + index) & 0xff)
  )
  pools.set(size, made)
  return made
}

/** How many messages a batch has: 64 KiB of them, 256 at most. */
export const batchOf = (size: number): number => Math.max(1, Math.min(256, Math.floor(65_536 / size)))

/** A message of `size` bytes that begins with a number, for a reply to be known by. */
export const numbered = (size: number, id: number): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(size)
  bytes[0] = id >>> 24
  bytes[1] = id >>> 16
  bytes[2] = id >>> 8
  bytes[3] = id
  return bytes
}

/** The number that a message begins with. */
export const numberOf = (bytes: Uint8Array, start = 0): number =>
  (((bytes[start] ?? 0) << 24) |
    ((bytes[start + 1] ?? 0) << 16) |
    ((bytes[start + 2] ?? 0) << 8) |
    (bytes[start + 3] ?? 0)) >>>
  0

/** So many workers take turns until `count` calls were made. */
export const byWorkers = async (count: number, concurrency: number, call: () => Promise<unknown>): Promise<void> => {
  let begun = 0
  const worker = async () => {
    while (begun++ < count) await call()
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
}

/** The microseconds of so many calls, one after another. */
export const timed = async (count: number, call: () => Promise<unknown>): Promise<Array<number>> => {
  const micros: Array<number> = []
  for (let index = 0; index < count; index++) {
    const before = performance.now()
    await call()
    micros.push((performance.now() - before) * 1_000)
  }
  return micros
}
