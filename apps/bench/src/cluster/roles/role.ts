/**
 * What every process of a cluster does, whoever's nodes it holds: it loads, is told to go, tells when it sees whom, and leaves. Orders
 * and reports go over the channel that `fork` makes; every `at` is in milliseconds on the machine's monotonic clock.
 */

/** A node, where it listens, and what its process said it is known by. */
export interface Seat {
  readonly name: string
  readonly port: number
  readonly identity?: string
}

/** What a process is told to do. `received` waits for so many messages since the start. `watch` waits for all its nodes to see these and not those; itself is no peer of a node. */
export type Order =
  | { readonly order: "go"; readonly nodes: ReadonlyArray<Seat>; readonly seats: ReadonlyArray<Seat> }
  | {
      readonly order: "watch"
      readonly id: number
      readonly up: ReadonlyArray<string>
      readonly gone: ReadonlyArray<string>
    }
  | { readonly order: "usage"; readonly id: number }
  | { readonly order: "received"; readonly id: number; readonly messages: number }
  | { readonly order: "broadcast"; readonly id: number; readonly messages: number; readonly bytes: number }
  | { readonly order: "leave" }

/** What a process has to say. */
export type Report =
  | { readonly report: "loaded"; readonly identity?: string }
  | { readonly report: "answer"; readonly id: number; readonly at: number }
  | {
      readonly report: "usage"
      readonly id: number
      readonly at: number
      readonly cpuMillis: number
      readonly rssBytes: number
    }
  | { readonly report: "failed"; readonly message: string }

/** What a node tells of what it sees. */
export interface Sight {
  readonly up: (peer: string) => void
  readonly gone: (peer: string) => void
  /** So many messages have come. */
  readonly received: (messages: number) => void
}

/** A node that runs. */
export interface Running {
  readonly leave: () => Promise<void>
  /** Gives every other node so many messages of so many bytes. */
  readonly broadcast?: (messages: number, bytes: number) => Promise<void>
}

/** Starts one node. */
export type Start = (self: Seat, seats: ReadonlyArray<Seat>, sight: Sight) => Promise<Running>

/** Whether a node is seen, and since when. */
type Seen = Map<string, { readonly up: boolean; readonly at: number }>

/** The largest time: what is waited for holds since then. */
const latest = (times: ReadonlyArray<number>): number => times.reduce((a, b) => Math.max(a, b), 0)

const now = (): number => Number(process.hrtime.bigint()) / 1_000_000

const say = (report: Report): void => {
  process.send?.(report)
}

const fail = (error: unknown): void => {
  say({ report: "failed", message: error instanceof Error ? (error.stack ?? error.message) : String(error) })
}

class Member {
  readonly #start: Start
  readonly #nodes: Array<{ readonly name: string; readonly seen: Seen; readonly running: Running }> = []
  readonly #sights: Array<{ readonly name: string; readonly seen: Seen }> = []
  /** What is waited for; each answers whether it is over. */
  #waiting: Array<() => boolean> = []
  #received = 0
  #receivedAt = 0

  constructor(start: Start) {
    this.#start = start
  }

  async obey(order: Order): Promise<void> {
    switch (order.order) {
      case "go":
        await Promise.all(order.nodes.map((seat) => this.#go(seat, order.seats)))
        return
      case "watch":
        this.#await(this.#holding(order.up, order.gone), order.id)
        return
      case "received":
        this.#await(() => (this.#received >= order.messages ? this.#receivedAt : undefined), order.id)
        return
      case "usage": {
        const { system, user } = process.cpuUsage()
        const rssBytes = process.memoryUsage.rss()
        say({ report: "usage", id: order.id, at: now(), cpuMillis: (user + system) / 1_000, rssBytes })
        return
      }
      case "broadcast": {
        const at = now()
        await this.#nodes[0]?.running.broadcast?.(order.messages, order.bytes)
        say({ report: "answer", id: order.id, at })
        return
      }
      case "leave":
        await Promise.all(this.#nodes.map(({ running }) => running.leave()))
        process.exit(0)
    }
  }

  async #go(self: Seat, seats: ReadonlyArray<Seat>): Promise<void> {
    const seen: Seen = new Map()
    this.#sights.push({ name: self.name, seen })
    const see = (up: boolean) => (peer: string) => {
      if (peer === self.name || (seen.get(peer)?.up ?? false) === up) return
      seen.set(peer, { up, at: now() })
      this.#look()
    }
    const received = (messages: number): void => {
      this.#received += messages
      this.#receivedAt = now()
      this.#look()
    }
    const running = await this.#start(self, seats, { up: see(true), gone: see(false), received })
    this.#nodes.push({ name: self.name, seen, running })
  }

  #await(holds: () => number | undefined, id: number): void {
    this.#waiting.push(() => {
      const at = holds()
      if (at === undefined) return false
      say({ report: "answer", id, at })
      return true
    })
    this.#look()
  }

  #look(): void {
    if (this.#waiting.length > 0) this.#waiting = this.#waiting.filter((isOver) => !isOver())
  }

  /** Tells since when all of it holds. Most looks end where the last one did: what is still missing is looked at first. */
  #holding(up: ReadonlyArray<string>, gone: ReadonlyArray<string>): () => number | undefined {
    let missing = (): boolean => false
    return () => {
      if (missing()) return undefined
      const since: Array<number> = []
      for (const { name, seen } of this.#sights) {
        for (const peer of up) {
          if (peer === name) continue
          missing = () => seen.get(peer)?.up !== true
          if (missing()) return undefined
          since.push(seen.get(peer)?.at ?? 0)
        }
        for (const peer of gone) {
          missing = () => seen.get(peer)?.up !== false
          if (missing()) return undefined
          since.push(seen.get(peer)?.at ?? 0)
        }
      }
      return latest(since)
    }
  }
}

/** Serves as the program of a process. */
export const serve = async (start: Start, identity?: string): Promise<void> => {
  const member = new Member(start)
  process.on("message", (order: Order) => {
    member.obey(order).catch(fail)
  })
  // Whoever gives the orders is gone.
  process.on("disconnect", () => process.exit(1))
  say({ report: "loaded", ...(identity !== undefined && { identity }) })
}
