import { frameCost } from "../protocol/flow.ts"
import type { Receiving } from "./receivingHalf.ts"

/** The link whose messages are put in order. */
export interface OrderedLink {
  /** Whether messages may still come out of it. */
  readonly flows: () => boolean
  readonly stopped: () => boolean
  readonly deliver: (channel: Receiving, message: Uint8Array) => void
  /** What was held back is delivered. */
  readonly released: () => void
}

/**
 * The order of messages over links to one life: those of a link are held back while another one has to be read to its end first, so
 * that the order survives when one link replaces the other.
 */
export class LinkOrder {
  readonly #link: OrderedLink
  #muted = false
  readonly #behind = new Set<LinkOrder>()
  readonly #followers = new Set<LinkOrder>()
  #held: Array<readonly [channel: Receiving, message: Uint8Array]> = []

  constructor(link: OrderedLink) {
    this.#link = link
  }

  get waits(): boolean {
    return this.#behind.size > 0
  }

  /** A message came. */
  readonly arrived = (channel: Receiving, message: Uint8Array): void => {
    if (this.#muted) channel.release(message.length + frameCost)
    else if (this.#behind.size > 0) this.#held.push([channel, message])
    else this.#link.deliver(channel, message)
  }

  /** Data of a life that is over is dropped. */
  mute(): void {
    this.#muted = true
    for (const [channel, message] of this.#held.splice(0)) channel.release(message.length + frameCost)
  }

  /** Holds messages back until another link was read to its end. */
  follow(other: LinkOrder): void {
    other.#passed(this)
    if (!other.#link.flows()) return
    this.#behind.add(other)
    other.#followers.add(this)
  }

  /** Holds nothing back any more. */
  proceed(): void {
    for (const other of this.#behind) other.#followers.delete(this)
    this.#behind.clear()
    this.#release()
  }

  /** The link was read to its end: those behind it need not wait for it. */
  end(): void {
    if (this.#behind.size > 0) return
    for (const follower of this.#followers) follower.#passed(this)
  }

  #passed(other: LinkOrder): void {
    other.#followers.delete(this)
    if (this.#behind.delete(other) && this.#behind.size === 0) this.#release()
  }

  #release(): void {
    const held = this.#held
    this.#held = []
    for (const [channel, message] of held) this.#link.deliver(channel, message)
    this.#link.released()
    if (this.#link.stopped()) this.end()
  }
}
