import type * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type { NameResolver } from "../NameResolver.ts"
import type { KeyringEntry } from "../protocol/handshake.ts"
import type { Options } from "../Cluster.ts"
import { type Identity, isObserver } from "../protocol/identity.ts"
import type { Metadata } from "../protocol/metadata.ts"
import type { ConnectFailure, Input, MemberView, NodeOptions, Output, Self } from "../protocol/node.ts"
import { viewOf } from "../protocol/memberViews.ts"
import { initial, type NodeState } from "../protocol/state.ts"
import { members, step } from "../protocol/step.ts"
import type { LinkSecurity, Transport } from "../Transport.ts"
import type { Caller } from "./caller.ts"
import { EventHub, maxLag, type Truth } from "./eventHub.ts"
import type { Verdict } from "./handshaking.ts"
import { Journal } from "./journal.ts"
import type { Link } from "./link.ts"
import { LinkTable } from "./linkTable.ts"
import { Mailboxes } from "./mailboxes.ts"
import { Meter } from "./meter.ts"
import { ObserverFeed } from "./observerFeed.ts"
import { WakeTimer } from "./wakeTimer.ts"

/** The program's own say on who may come in. */
type Admit = NonNullable<Options["admit"]>

/** What the engine is made of. */
export interface EngineParts {
  readonly self: Self
  readonly options: NodeOptions
  readonly metadata: Metadata
  readonly maxMessageSize: number
  readonly maxPendingPerHost: number
  readonly keyring: ReadonlyArray<KeyringEntry>
  readonly security: LinkSecurity
  readonly admit: Admit | undefined
  readonly transport: Transport["Service"]
  readonly resolver: NameResolver
  readonly nonce: () => Uint8Array
  readonly seed: number
  readonly clock: Clock.Clock
  readonly context: Context.Context<never>
  /** Forks into the cluster's scope. The effect handles its own failures. */
  readonly fork: (effect: Effect.Effect<void>) => Fiber.Fiber<void>
}

/** Runs the effects that outputs ask for. */
export interface Actions {
  readonly dial: (output: Extract<Output, { readonly _tag: "Dial" }>) => void
  readonly cancelDial: (dial: number) => void
}

/** How a request for a connection ended: with the member's name, or why not. */
export type Settled = string | { readonly reason: ConnectFailure }

/**
 * Drives the pure node: turns what happens into inputs, and outputs into what is done. It has no rules of its own. All of it
 * is synchronous; whatever takes time is forked.
 */
export class Engine {
  readonly parts: EngineParts
  readonly state: NodeState
  readonly hub: EventHub
  readonly mailboxes: Mailboxes
  readonly meter: Meter
  readonly journal: Journal
  readonly links: LinkTable
  /** This node as one that dials. */
  readonly caller: Caller
  readonly #timer = new WakeTimer(
    () => this.now(),
    () => this.#tick()
  )
  readonly #requests = new Map<number, (result: Settled) => void>()
  readonly #origin: { readonly wall: number; readonly monotonic: bigint }
  #actions: Actions | undefined
  #verdict: Verdict | undefined
  #stepping = false
  readonly #pending: Array<Input> = []
  #nextRequest = 1

  constructor(parts: EngineParts) {
    const { clock, context, fork, maxMessageSize, metadata, options, seed, self } = parts
    this.parts = parts
    this.#origin = { wall: clock.currentTimeMillisUnsafe(), monotonic: clock.monotonicTimeNanosUnsafe() }
    const now = (): number => this.now()
    this.caller = { ...parts, cluster: self.cluster, identity: (attempt, dialed) => this.identity(attempt, dialed) }
    this.state = initial({ self, options, metadata, seed, now: now() })
    this.meter = new Meter(context, self)
    this.journal = new Journal({ fields: { cluster: self.cluster, node: self.name }, now, fork })
    this.hub = new EventHub(this.#truth)
    this.mailboxes = new Mailboxes((channel, count) => {
      this.meter.add("messages_unclaimed", count)
      const text = "messages came for a channel that is not open here; they are dropped"
      this.journal.warn(`unclaimed ${channel}`, text, { channel })
    })
    this.links = new LinkTable(
      {
        now,
        control: (link, frame) => this.dispatch({ _tag: "Frame", link: link.id, frame }),
        message: (channel, from, bytes) => this.mailboxes.deliver(channel.name, from, bytes, channel, now),
        delivered: () => this.mailboxes.wake(),
        violation: (link, reason) => this.#violated(link, reason)
      },
      maxMessageSize,
      fork
    )
    this.#timer.set(this.state.wakeAt)
  }

  /** Milliseconds since 1970 that never go back, however the wall clock is set. */
  now(): number {
    const { monotonic, wall } = this.#origin
    return wall + Number(this.parts.clock.monotonicTimeNanosUnsafe() - monotonic) / 1_000_000
  }

  start(actions: Actions): void {
    this.#actions = actions
    this.parts.fork(this.#timer.run)
  }

  dispatch(input: Input): void {
    this.#pending.push(input)
    if (this.#stepping) return
    this.#stepping = true
    try {
      for (let next = this.#pending.shift(); next !== undefined; next = this.#pending.shift()) {
        const { outputs, wakeAt } = step(this.state, next, this.now())
        // Most steps are a HEARTBEAT and ask for nothing.
        const isNews = outputs.length > 0 && this.#publish(outputs)
        for (let index = 0; index < outputs.length; index++) this.#perform(outputs[index] as Output)
        this.#timer.set(wakeAt)
        if (isNews) this.hub.notify()
      }
    } finally {
      this.#stepping = false
    }
  }

  #publish(outputs: ReadonlyArray<Output>): boolean {
    let isNews = false
    for (const output of outputs) {
      if (output._tag !== "Event") continue
      isNews = true
      this.hub.publish(output.event)
    }
    return isNews
  }

  /** Asks the node about an authentic peer. */
  judge(input: Extract<Input, { readonly _tag: "Authenticated" | "Welcomed" }>): Effect.Effect<Verdict> {
    return Effect.suspend(() => {
      // Whoever is resumed from within a step waits for its end: the verdict is there when the input's own step is done.
      if (this.#stepping) return Effect.andThen(Effect.yieldNow, this.judge(input))
      this.#verdict = undefined
      this.dispatch(input)
      const verdict: Verdict = this.#verdict ?? { decision: 2, retryAfterMs: 0, knownGeneration: 0 }
      if (verdict.decision === 0) this.#letIn(input.link, input.peer)
      return Effect.succeed(verdict)
    })
  }

  #letIn(link: number, peer: Identity): void {
    if (isObserver(peer)) this.links.watch(link, peer.name)
    else this.links.admit(link, peer.name, peer.instance)
  }

  /** This node as it introduces itself. */
  identity(attempt: number, dialed: string | undefined): Identity {
    const { self } = this.state
    return { ...self, attempt, ...(dialed !== undefined && { dialed }) }
  }

  /** A connection that became no link, or a link that is over. */
  dropLink(link: Link): void {
    this.links.drop(link)
    this.dispatch({ _tag: "LinkClosed", link: link.id })
  }

  /** The live members, self first, the others by name; nobody but self once it has left. */
  members(): ReadonlyArray<MemberView> {
    const all = members(this.state)
    return this.hub.ended ? all.slice(0, 1) : all
  }

  /** Asks for a connection to somebody; `settled` is called once. Returns how to forget the request. */
  request(peer: { readonly name?: string; readonly address?: string }, settled: (result: Settled) => void): () => void {
    if (this.state.phase !== "running") {
      settled({ reason: "leaving" })
      return () => {}
    }
    const request = this.#nextRequest++
    this.#requests.set(request, settled)
    this.dispatch({ _tag: "Connect", request, peer })
    return () => this.#requests.delete(request)
  }

  #violated(link: Link, reason: string): void {
    this.meter.add("links_violation")
    this.journal.warn(`violation ${link.name}`, `closed a link: ${reason}`, {
      peer: link.name,
      remote: link.connection.remote
    })
    link.sendControl({ _tag: "Goaway", reason: "protocol" })
    link.close()
  }

  readonly #truth: Truth = {
    live: () => members(this.state),
    ending: (name, instance) => {
      const member = this.state.members.get(name)
      if (member === undefined || member.instance !== instance) return undefined
      if (member.state === "left") return { _tag: "Left", member: viewOf(member) }
      return { _tag: "Down", member: viewOf(member), reason: member.downReason ?? "timeout" }
    },
    lagged: () => {
      this.meter.add("events_lagged")
      const text = `a subscriber of cluster events is more than ${maxLag} behind: it gets the difference instead`
      this.journal.warn("lagged", text, {})
    }
  }

  #perform(output: Output): void {
    switch (output._tag) {
      case "Send":
        return this.links.get(output.link)?.sendControl(output.frame)
      case "Event":
        return
      case "Observe":
        return this.#observe(output.link)
      case "Verdict":
        this.#verdict = output
        return
      case "Dial":
        return this.#actions?.dial(output)
      case "CancelDial":
        return this.#actions?.cancelDial(output.dial)
      case "Close":
        return this.links.get(output.link)?.close()
      case "Current":
        return this.links.makeCurrent(output.link)
      case "Retire":
        return this.links.retire(output.link)
      case "Breathe":
        this.parts.fork(
          Effect.andThen(
            breathe,
            Effect.sync(() => this.#breathed())
          )
        )
        return
      case "Connected":
        return this.#settle(output.request, output.name)
      case "ConnectFailed":
        return this.#settle(output.request, { reason: output.reason })
      case "Log":
        return this.journal.log(severity[output.level], output.text, output.fields)
    }
  }

  #observe(id: number): void {
    const link = this.links.get(id)
    link?.tell(new ObserverFeed(this.hub, link.arrived))
  }

  #settle(request: number, result: Settled): void {
    const settled = this.#requests.get(request)
    this.#requests.delete(request)
    settled?.(result)
  }

  #breathed(): void {
    this.dispatch({ _tag: "Breathed", activity: this.links.activity(this.now()) })
  }

  #tick(): void {
    this.dispatch({ _tag: "Wake", activity: this.links.activity(this.now()) })
    this.mailboxes.expire(this.now())
    this.meter.report(this.state, this.links.usable)
  }
}

const severity = { debug: "Debug", info: "Info", warning: "Warn" } as const

/**
 * Two passes of the event loop at least: whatever had arrived has been read after it. Each yield is one pass of
 * `setImmediate`, the first perhaps that of the present one.
 */
const breathe = Effect.yieldNow.pipe(Effect.andThen(Effect.yieldNow), Effect.andThen(Effect.yieldNow))
