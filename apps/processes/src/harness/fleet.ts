/**
 * All processes of a scenario, the verbs that befall them, and the promise that none outlives it.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { randomBytes } from "node:crypto"
import { now } from "../clock.ts"
import type { Finding } from "../messages.ts"
import { NodeProcess, type Program } from "./nodeProcess.ts"
import { HarnessError, type Seat } from "./seats.ts"
import { sees } from "./stories.ts"

/** What processes are given to leave at the end, in milliseconds. */
const leaveWithin = 6_000

/** What a process is given to load, and a process that loaded to answer; generous, for nothing is measured by it. */
const patience = 180_000

/** All processes of a scenario. */
export class Fleet {
  readonly seats: ReadonlyArray<Seat>
  /** Every process that became a node, in the order of joining. */
  readonly lives: Array<NodeProcess> = []
  /** What no scenario expects: processes that ended by themselves, output that is no report. */
  readonly problems: Array<string> = []
  readonly #finding: Finding | undefined
  readonly #cookie = `hex:${randomBytes(32).toString("hex")}`
  readonly #running = new Set<NodeProcess>()
  readonly #waiting = new Set<() => void>()
  #stirring = false
  #orders = 0

  constructor(seats: ReadonlyArray<Seat>, finding?: Finding) {
    this.seats = seats
    this.#finding = finding
  }

  /** The processes that are nodes now, by seat. */
  get live(): ReadonlyArray<NodeProcess> {
    return this.seats.flatMap(({ name }) => this.lives.findLast((each) => each.name === name && !each.doomed) ?? [])
  }

  /** Starts a process that waits for its configuration. */
  spawn(seat: Seat, program: Program = "node"): NodeProcess {
    const spawned: NodeProcess = new NodeProcess(program, seat.prefix, {
      stirred: () => this.#stir(),
      failed: (problem) => {
        this.problems.push(problem)
        this.#stir()
      }
    })
    this.#running.add(spawned)
    void spawned.ended.then(() => this.#running.delete(spawned))
    return spawned
  }

  /** Starts processes and waits until they have loaded, so that loading is no part of what is measured. */
  readonly prepare = (seats: ReadonlyArray<Seat>): Effect.Effect<ReadonlyArray<NodeProcess>, HarnessError> =>
    Effect.gen({ self: this }, function* () {
      const spawned = seats.map((seat) => this.spawn(seat))
      yield* this.expect("processes that load", () => spawned.every(({ ready }) => ready))
      return spawned
    })

  /**
   * Makes a process that has loaded the node of a seat. Unless told how else, by the fleet or here, it has a list of all others,
   * and peer exchange; who is told has that alone.
   */
  join(member: NodeProcess, seat: Seat, finding = this.#finding): void {
    this.lives.push(member)
    member.configure({
      cluster: "processes",
      cookie: this.#cookie,
      nodes: [{ name: seat.name, host: seat.host, port: seat.port }],
      finding: finding ?? { by: "static", peers: this.seats.filter((each) => each !== seat).map(peerOf) },
      peerExchange: finding === undefined,
      events: true
    })
  }

  /** Makes a process that has loaded several nodes, which report nothing and know only these peers. */
  joinCrowd(member: NodeProcess, nodes: ReadonlyArray<Seat>, peers: ReadonlyArray<string>): void {
    member.configure({
      cluster: "processes",
      cookie: this.#cookie,
      nodes: nodes.map(({ host, name, port }) => ({ name, host, port })),
      finding: { by: "static", peers },
      peerExchange: false,
      events: false
    })
  }

  /** All at once: each of these seats gets a node. Gives when they were told to. */
  readonly seat = (seats: ReadonlyArray<Seat>): Effect.Effect<number, HarnessError> =>
    Effect.gen({ self: this }, function* () {
      const spawned = yield* this.prepare(seats)
      const at = now()
      for (const [index, member] of spawned.entries()) this.join(member, seats[index] as Seat)
      return at
    })

  /** All at once: every seat gets a node. Gives when they were told to. */
  readonly start: Effect.Effect<number, HarnessError> = Effect.suspend(() => this.seat(this.seats))

  /** Waits until everybody who is a node sees everybody else as alive. */
  readonly mesh: Effect.Effect<void, HarnessError> = Effect.suspend(() =>
    this.expect("a full mesh", () => {
      const { live } = this
      return live.every((observer) => observer.listeningAt !== undefined && live.every((each) => sees(observer, each)))
    })
  )

  /** Starts everybody and waits for the mesh. */
  readonly form: Effect.Effect<void, HarnessError> = Effect.suspend(() => Effect.andThen(this.start, this.mesh))

  /** SIGKILL: it is gone without a word. Gives when. */
  readonly kill = (victim: NodeProcess): Effect.Effect<number> => this.#end(victim, "SIGKILL")

  /** SIGTERM: it leaves. Gives when it was told to. */
  readonly terminate = (victim: NodeProcess): Effect.Effect<number> => this.#end(victim, "SIGTERM")

  /** SIGSTOP: nothing of it runs any more. Gives when. */
  readonly freeze = (victim: NodeProcess): Effect.Effect<number> => this.#signal(victim, "SIGSTOP", false)

  /** SIGCONT: it goes on. Gives when. */
  readonly thaw = (victim: NodeProcess): Effect.Effect<number> => this.#signal(victim, "SIGCONT", false)

  /** Blocks its event loop, and waits until that is over. */
  readonly block = (victim: NodeProcess, millis: number): Effect.Effect<void, HarnessError> =>
    Effect.suspend(() => {
      victim.order({ order: "block", millis })
      return this.expect("the end of a blocked event loop", () => victim.unblockedAt !== undefined)
    })

  /** Lets everybody who is a node answer. Gives how long each took, in milliseconds. */
  readonly ask: Effect.Effect<ReadonlyArray<number>, HarnessError> = Effect.suspend(() => {
    const id = ++this.#orders
    const { live } = this
    const at = now()
    for (const member of live) member.order({ order: "answer", id })
    const answered = () => live.every((member) => member.answered >= id || member.hasEnded)
    return Effect.map(this.expect("answers", answered), () =>
      live.flatMap((member) => (member.answered >= id ? member.answeredAt - at : []))
    )
  })

  /** Waits until everything that happened so far, in everybody who is a node, has been reported. */
  readonly reported: Effect.Effect<void, HarnessError> = Effect.suspend(() => Effect.asVoid(this.ask))

  /** Lets processes tell what they have used so far. */
  readonly account = (members: ReadonlyArray<NodeProcess>): Effect.Effect<void, HarnessError> =>
    Effect.suspend(() => {
      const id = ++this.#orders
      for (const member of members) member.order({ order: "usage", id })
      return this.expect("accounts of usage", () => members.every(({ usage }) => usage?.id === id))
    })

  /** Waits until it is so; false when it is not within so many milliseconds. */
  readonly waitUntil = (holds: () => boolean, within: number): Effect.Effect<boolean> =>
    Effect.callback<boolean>((resume) => {
      const check = () => {
        if (!holds()) return
        this.#waiting.delete(check)
        resume(Effect.succeed(true))
      }
      this.#waiting.add(check)
      check()
      return Effect.sync(() => this.#waiting.delete(check))
    }).pipe(Effect.timeoutOrElse({ duration: within, orElse: () => Effect.succeed(false) }))

  /** Waits until it is so, and fails when that takes too long or something went wrong. */
  readonly expect = (what: string, holds: () => boolean, within = patience): Effect.Effect<void, HarnessError> =>
    Effect.flatMap(
      this.waitUntil(() => this.problems.length > 0 || holds(), within),
      (held) => {
        if (this.problems.length > 0) return Effect.fail(new HarnessError({ what: this.problems.join("; ") }))
        return held ? Effect.void : Effect.fail(new HarnessError({ what: `waited ${within / 1_000} s for ${what}` }))
      }
    )

  /** Ends all at once, without a word. */
  killAll(): void {
    for (const member of this.#running) member.signal("SIGKILL", true)
  }

  /** Lets all leave, kills those that do not, and waits for their ends. */
  readonly end: Effect.Effect<void> = Effect.gen({ self: this }, function* () {
    const ended = Effect.promise(() => Promise.all([...this.#running].map(({ ended }) => ended)))
    for (const member of this.#running) member.dismiss()
    for (const member of this.#running) member.signal("SIGCONT", true)
    yield* Effect.timeoutOption(Effect.interruptible(ended), leaveWithin)
    this.killAll()
    yield* ended
  })

  #end(victim: NodeProcess, signal: NodeJS.Signals): Effect.Effect<number> {
    return this.#signal(victim, signal, true)
  }

  #signal(victim: NodeProcess, signal: NodeJS.Signals, ends: boolean): Effect.Effect<number> {
    return Effect.sync(() => {
      const at = now()
      victim.signal(signal, ends)
      return at
    })
  }

  /** Looks again, once for all reports that came together. */
  #stir(): void {
    if (this.#stirring) return
    this.#stirring = true
    setImmediate(() => {
      this.#stirring = false
      for (const check of this.#waiting) check()
    })
  }
}

/** A seat as discovery lists it. */
export const peerOf = ({ host, name, port }: Seat): string => `${name.split("@", 1)[0]}@${host}:${port}`

/** A fleet for as long as the scope is open: when it closes, and whatever else ends this process, every process ends. */
export const makeFleet = (seats: ReadonlyArray<Seat>, finding?: Finding): Effect.Effect<Fleet, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const fleet = new Fleet(seats, finding)
      const lastResort = () => fleet.killAll()
      process.on("exit", lastResort)
      return { fleet, lastResort }
    }),
    ({ fleet, lastResort }) =>
      Effect.andThen(
        fleet.end,
        Effect.sync(() => process.off("exit", lastResort))
      )
  ).pipe(Effect.map(({ fleet }) => fleet))
