import * as Effect from "effect/Effect"
import type { LinkActivity } from "../protocol/node.ts"
import type { Connection } from "../Transport.ts"
import { Link } from "./link.ts"
import type { LinkListener } from "./linkListener.ts"
import { settle } from "./sendingHalf.ts"

/** How long a replaced link is read, and its successor's messages wait for it, unless it ends before (GC/1 section 4). */
const retireTime = "1 second"

/** The links of a node: those in a handshake, the one that data goes over for each name, and those that are on their way out. */
export class LinkTable {
  readonly #listener: LinkListener
  readonly #maxMessageSize: number
  readonly #fork: (effect: Effect.Effect<void>) => unknown
  readonly #links = new Map<number, Link>()
  readonly #current = new Map<string, Link>()
  /** Links whose peer is authentic and was let in. */
  readonly #admitted = new Set<Link>()
  /** Links of observers that were let in: they carry no data and stand for no name. */
  readonly #watched = new Set<Link>()
  /** Links that are over and still hold messages back. */
  readonly #holding = new Set<Link>()
  readonly #activity: Array<{ -readonly [K in keyof LinkActivity]: LinkActivity[K] }> = []
  #nextId = 1
  #drained: (() => void) | undefined

  constructor(
    listener: Omit<LinkListener, "stopped">,
    maxMessageSize: number,
    fork: (effect: Effect.Effect<void>) => unknown
  ) {
    this.#listener = { ...listener, stopped: (link) => this.#succeed(link) }
    this.#maxMessageSize = maxMessageSize
    this.#fork = fork
  }

  /** Names that data can be sent to. */
  get names(): ReadonlyArray<string> {
    return [...this.#current.values()].filter((link) => link.usable).map((link) => link.name)
  }

  /** How many names data can be sent to. */
  get usable(): number {
    let count = 0
    this.#current.forEach((link) => {
      if (link.usable) count++
    })
    return count
  }

  get(id: number): Link | undefined {
    return this.#links.get(id)
  }

  /** The link that data for a member goes over. */
  to(name: string): Link | undefined {
    const link = this.#current.get(name)
    return link?.usable === true ? link : undefined
  }

  /** A connection whose handshake may lead to a link. */
  make(connection: Connection): Link {
    const link = new Link(this.#nextId++, connection, this.#listener, this.#maxMessageSize)
    this.#links.set(link.id, link)
    return link
  }

  /** The peer of a link is authentic and was let in. */
  admit(id: number, name: string, instance: string): void {
    const link = this.#links.get(id)
    if (link === undefined) return
    link.name = name
    link.instance = instance
    this.#admitted.add(link)
  }

  /** The other end of a link is an authentic observer and was let in. */
  watch(id: number, name: string): void {
    const link = this.#links.get(id)
    if (link === undefined) return
    link.name = name
    link.watched = true
    this.#watched.add(link)
  }

  /** A connection that became no link, or a link that is over. */
  drop(link: Link): void {
    this.#links.delete(link.id)
    this.#admitted.delete(link)
    this.#watched.delete(link)
    link.end()
    for (const each of this.#holding) if (!each.flows) this.#holding.delete(each)
    if (link.flows) this.#holding.add(link)
    if (this.#isDrained) this.#drained?.()
  }

  /**
   * From now on data goes over this link; what the one before it had not sent, too, unless that was for another life. The
   * other side may have used any link that is open, so what it sent there comes first.
   */
  makeCurrent(id: number): void {
    const link = this.#links.get(id)
    if (link === undefined) return
    const old = this.#current.get(link.name)
    this.#current.set(link.name, link)
    for (const other of [...this.#holding, ...this.#admitted]) {
      if (other === link || other.name !== link.name) continue
      if (other.instance !== link.instance) other.mute()
      else if (other.flows) link.follow(other)
    }
    if (link.waits) this.#later(() => link.proceed())
    if (old === undefined || old === link) return
    old.retired = true
    handOver(old, link)
  }

  /** Write no more; read to the end, or for a while. */
  retire(id: number): void {
    const link = this.#links.get(id)
    if (link === undefined) return
    link.retired = true
    this.#later(() => link.close())
  }

  #later(action: () => void): void {
    this.#fork(Effect.andThen(Effect.sleep(retireTime), Effect.sync(action)))
  }

  /**
   * A link stopped. When another one to the same life is already admitted, data goes over that from now on: the other side
   * has replaced this one, and its word comes over both links in no order.
   */
  #succeed(link: Link): void {
    if (link.watched) return
    if (this.#current.get(link.name) !== link) {
      handOver(link, undefined)
      return
    }
    const next = [...this.#admitted].findLast(
      (each) => each !== link && each.usable && each.name === link.name && each.instance === link.instance
    )
    if (next === undefined) this.#current.delete(link.name)
    else this.#current.set(link.name, next)
    handOver(link, next)
  }

  /** When bytes last came and went on each link. It holds until it is asked for again: a resting node makes nothing anew. */
  activity(now: number): ReadonlyArray<LinkActivity> {
    let count = 0
    this.#links.forEach((link) => {
      link.observe(now)
      const entry = (this.#activity[count++] ??= { link: 0, heardAt: 0, sentAt: 0 })
      entry.link = link.id
      entry.heardAt = link.heardAt
      entry.sentAt = link.sentAt
    })
    this.#activity.length = count
    return this.#activity
  }

  get #isDrained(): boolean {
    return this.#admitted.size === 0 && this.#watched.size === 0
  }

  /** Waits until nobody who was let in is left. */
  readonly drained: Effect.Effect<void> = Effect.callback<void>((resume) => {
    if (this.#isDrained) resume(Effect.void)
    else this.#drained = () => resume(Effect.void)
  })
}

/** What a link had not sent goes over the next one to the same life, or its senders learn that it was lost. */
const handOver = (old: Link, next: Link | undefined): void => {
  const same = next !== undefined && next.instance === old.instance
  for (const [channel, unsent] of old.takeUnsent()) {
    for (const messages of unsent) {
      if (!same || !next.send(channel, messages)) settle(messages, false)
    }
  }
}
