import type * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type * as LogLevel from "effect/LogLevel"
import type { Identity } from "../protocol/identity.ts"
import type { KeyringEntry } from "../protocol/handshake.ts"
import type { LinkFrame } from "../protocol/linkFrames.ts"
import type { ConnectFailure, Input, LinkActivity, NodeOptions, Output, Self } from "../protocol/node.ts"
import { initial, type NodeState, viewOf } from "../protocol/state.ts"
import type { Metadata } from "../protocol/metadata.ts"
import { members, step } from "../protocol/step.ts"
import type { LinkSecurity, Connection, Transport } from "../Transport.ts"
import type { NameResolver } from "../NameResolver.ts"
import { EventHub } from "./eventHub.ts"
import type { Verdict } from "./handshaking.ts"
import { type Inbound, Link, type Outbound } from "./link.ts"
import { Mailboxes } from "./mailboxes.ts"
import { Meter } from "./meter.ts"

/** What the engine is made of. */
export interface EngineParts {
  readonly self: Self
  readonly options: NodeOptions
  readonly metadata: Metadata
  readonly maxMessageSize: number
  readonly keyring: ReadonlyArray<KeyringEntry>
  readonly security: LinkSecurity
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
  readonly #links = new Map<number, Link>()
  readonly #current = new Map<string, Link>()
  readonly #requests = new Map<number, (result: string | { readonly reason: ConnectFailure }) => void>()
  readonly #warned = new Map<string, number>()
  readonly #origin: { readonly wall: number; readonly monotonic: bigint }
  #actions: Actions | undefined
  #verdict: Verdict | undefined
  #stepping = false
  #pending: Array<Input> = []
  #nextLink = 1
  #nextRequest = 1
  #wakeAt: number
  #sleepingUntil = Infinity
  #rearm: (() => void) | undefined
  #drained: (() => void) | undefined

  constructor(parts: EngineParts) {
    this.parts = parts
    this.#origin = {
      wall: parts.clock.currentTimeMillisUnsafe(),
      monotonic: parts.clock.monotonicTimeNanosUnsafe()
    }
    const { metadata, options, seed, self } = parts
    this.state = initial({ self, options, metadata, seed, now: this.now() })
    this.#wakeAt = this.state.wakeAt
    this.meter = new Meter(parts.context, self)
    this.hub = new EventHub({
      live: () => members(this.state),
      ending: (name, instance) => {
        const member = this.state.members.get(name)
        if (member === undefined || member.instance !== instance) return undefined
        if (member.state === "left") return { _tag: "Left", member: viewOf(member) }
        return { _tag: "Down", member: viewOf(member), reason: member.downReason ?? "timeout" }
      },
      lagged: () => {
        this.meter.add("events_lagged")
        this.log("Warn", "a subscriber of cluster events is more than 1024 behind: it gets the difference instead", {})
      }
    })
    this.mailboxes = new Mailboxes((channel, count) => {
      this.meter.add("messages_unclaimed", count)
      this.log("Warn", "messages came for a channel that is not open here; they are dropped", { channel })
    })
  }

  /** Milliseconds since 1970 that never go back, however the wall clock is set. */
  now(): number {
    const { monotonic, wall } = this.#origin
    return wall + Number(this.parts.clock.monotonicTimeNanosUnsafe() - monotonic) / 1_000_000
  }

  start(actions: Actions): void {
    this.#actions = actions
    this.parts.fork(this.#timer)
  }

  dispatch(input: Input): void {
    this.#pending.push(input)
    if (this.#stepping) return
    this.#stepping = true
    try {
      for (let next = this.#pending.shift(); next !== undefined; next = this.#pending.shift()) {
        const { outputs, wakeAt } = step(this.state, next, this.now())
        for (const output of outputs) this.#perform(output)
        this.#wakeAt = wakeAt
      }
    } finally {
      this.#stepping = false
    }
    if (this.#wakeAt < this.#sleepingUntil) this.#rearm?.()
  }

  /** Asks the node about an authentic peer. The verdict is there when the step is done. */
  judge(input: Extract<Input, { readonly _tag: "Authenticated" | "Welcomed" }>): Verdict {
    this.#verdict = undefined
    this.dispatch(input)
    const verdict = this.#verdict as Verdict | undefined
    return verdict ?? { decision: 2, retryAfterMs: 0, knownGeneration: 0 }
  }

  /** This node as it introduces itself. */
  identity(attempt: number, dialed: string | undefined): Identity {
    const { self } = this.state
    return { ...self, attempt, ...(dialed !== undefined && { dialed }) }
  }

  /** A connection whose handshake may lead to a link. */
  makeLink(connection: Connection): Link {
    const link = new Link(this.#nextLink++, connection, this.#listener, this.parts.maxMessageSize)
    this.#links.set(link.id, link)
    return link
  }

  /** A connection that became no link, or a link that is over. */
  dropLink(link: Link): void {
    link.end()
    this.#links.delete(link.id)
    if (this.#current.get(link.name) === link) this.#current.delete(link.name)
    this.dispatch({ _tag: "LinkClosed", link: link.id })
    if (this.#links.size === 0) this.#drained?.()
  }

  /** The link to a member, if there is one that can be written to. */
  linkTo(name: string): Link | undefined {
    const link = this.#current.get(name)
    return link?.usable === true ? link : undefined
  }

  /** The members that can be written to. */
  linkedNames(): ReadonlyArray<string> {
    return [...this.#current.values()].filter((link) => link.usable).map((link) => link.name)
  }

  /** Waits until no link is left. */
  readonly drained: Effect.Effect<void> = Effect.callback<void>((resume) => {
    if (this.#links.size === 0) resume(Effect.void)
    else this.#drained = () => resume(Effect.void)
  })

  /** Asks for a connection to somebody; `settled` is called once. Returns how to forget the request. */
  request(
    peer: { readonly name?: string; readonly address?: string },
    settled: (result: string | { readonly reason: ConnectFailure }) => void
  ): () => void {
    const request = this.#nextRequest++
    this.#requests.set(request, settled)
    this.dispatch({ _tag: "Connect", request, peer })
    return () => this.#requests.delete(request)
  }

  log(level: LogLevel.Severity, text: string, fields: Readonly<Record<string, string | number>>): void {
    const { cluster, name } = this.state.self
    this.parts.fork(Effect.logWithLevel(level)(text).pipe(Effect.annotateLogs({ cluster, node: name, ...fields })))
  }

  /** A warning, at most once a minute for the same key. */
  warnOnce(key: string, text: string, fields: Readonly<Record<string, string | number>>): void {
    const now = this.now()
    const last = this.#warned.get(key)
    if (last !== undefined && now - last < 60_000) return
    this.#warned.delete(key)
    this.#warned.set(key, now)
    if (this.#warned.size > 1_024) this.#warned.delete(this.#warned.keys().next().value as string)
    this.log("Warn", text, fields)
  }

  readonly #listener = {
    now: () => this.now(),
    control: (link: Link, frame: LinkFrame) => this.dispatch({ _tag: "Frame", link: link.id, frame }),
    message: (_link: Link, channel: string, message: Inbound) => this.mailboxes.deliver(channel, message, this.now()),
    violation: (link: Link, reason: string) => {
      this.meter.add("links_violation")
      this.log("Warn", `closed a link: ${reason}`, { peer: link.name, remote: link.connection.remote })
      link.sendControl({ _tag: "Goaway", reason: "protocol" })
      link.close()
    }
  }

  #perform(output: Output): void {
    switch (output._tag) {
      case "Send":
        return this.#links.get(output.link)?.sendControl(output.frame)
      case "Event":
        return this.hub.publish(output.event)
      case "Verdict":
        this.#verdict = output
        return
      case "Dial":
        return this.#actions?.dial(output)
      case "CancelDial":
        return this.#actions?.cancelDial(output.dial)
      case "Close":
        return this.#links.get(output.link)?.close()
      case "Current":
        return this.#makeCurrent(output.link, output.name, output.instance)
      case "Retire":
        return this.#retire(output.link)
      case "Breathe":
        this.parts.fork(Effect.flatMap(breathe, () => Effect.sync(() => this.#breathed())))
        return
      case "Connected":
        return this.#settle(output.request, output.name)
      case "ConnectFailed":
        return this.#settle(output.request, { reason: output.reason })
      case "Log":
        return this.log(severity[output.level], output.text, output.fields)
    }
  }

  #settle(request: number, result: string | { readonly reason: ConnectFailure }): void {
    const settled = this.#requests.get(request)
    this.#requests.delete(request)
    settled?.(result)
  }

  #makeCurrent(id: number, name: string, instance: string): void {
    const link = this.#links.get(id)
    if (link === undefined) return
    link.name = name
    link.instance = instance
    const old = this.#current.get(name)
    this.#current.set(name, link)
    if (old === undefined || old === link) return
    old.retire()
    const unsent = old.takeUnsent()
    for (const [channel, messages] of unsent) {
      for (const message of messages) this.#resend(link, channel, message, old.instance === instance)
    }
  }

  /** What a replaced link had not sent goes over the new one, unless it was meant for another life. */
  #resend(link: Link, channel: string, message: Outbound, sameLife: boolean): void {
    if (message.cancelled) return
    if (!sameLife || !link.send(channel, message)) message.settle?.(false)
  }

  #retire(id: number): void {
    const link = this.#links.get(id)
    if (link === undefined) return
    link.retire()
    this.parts.fork(
      Effect.andThen(
        Effect.sleep("1 second"),
        Effect.sync(() => link.close())
      )
    )
  }

  #activity(): ReadonlyArray<LinkActivity> {
    const now = this.now()
    const activity: Array<LinkActivity> = []
    for (const link of this.#links.values()) {
      link.observe(now)
      activity.push({ link: link.id, heardAt: link.heardAt, sentAt: link.sentAt })
    }
    return activity
  }

  #breathed(): void {
    this.dispatch({ _tag: "Breathed", activity: this.#activity() })
  }

  readonly #timer: Effect.Effect<void> = Effect.suspend(() => {
    const wait = this.#wakeAt - this.now()
    this.#sleepingUntil = this.#wakeAt
    return Effect.raceFirst(Effect.sleep(Math.max(0, wait)), this.#rearmed)
  }).pipe(
    Effect.andThen(
      Effect.sync(() => {
        this.#sleepingUntil = Infinity
        if (this.now() < this.#wakeAt) return
        this.dispatch({ _tag: "Wake", activity: this.#activity() })
        this.mailboxes.expire(this.now())
        this.meter.report(this.state, this.#current.size)
      })
    ),
    Effect.forever
  )

  readonly #rearmed = Effect.callback<void>((resume) => {
    this.#rearm = () => {
      this.#rearm = undefined
      resume(Effect.void)
    }
  })
}

const severity = { debug: "Debug", info: "Info", warning: "Warn" } as const

/** Two passes of the event loop: whatever had arrived has been read after it. */
const breathe = Effect.callback<void>((resume) => {
  const handle = setImmediate(() => setImmediate(() => resume(Effect.void)))
  return Effect.sync(() => clearImmediate(handle))
})
