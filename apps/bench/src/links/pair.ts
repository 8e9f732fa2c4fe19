/**
 * The two processes of a link.
 */
import { randomBytes } from "node:crypto"
import { Child } from "../harness/child.ts"
import type { RunContext } from "../section.ts"
import type { Answers, Order } from "./orders.ts"

const program = new URL("../roles/link.ts", import.meta.url)

const seconds = 60

/** A listening process and one that is connected to it. */
export class LinkPair {
  readonly #listener: Child
  readonly #dialer: Child

  private constructor(listener: Child, dialer: Child) {
    this.#listener = listener
    this.#dialer = dialer
  }

  /** Starts both, and connects them. */
  static async start(context: RunContext, name: string): Promise<LinkPair> {
    const secret = randomBytes(32).toString("hex")
    const pair = new LinkPair(
      new Child(context, program, [name], `${name}-listener`),
      new Child(context, program, [name], `${name}-dialer`)
    )
    try {
      const { address } = await pair.listener({ order: "listen", secret })
      await pair.dialer({ order: "connect", meeting: { address, secret } })
    } catch (error) {
      pair.kill()
      throw error
    }
    return pair
  }

  listener<const O extends Order>(order: O): Promise<Answers[O["order"]]> {
    return this.#listener.ask(order, seconds)
  }

  dialer<const O extends Order>(order: O): Promise<Answers[O["order"]]> {
    return this.#dialer.ask(order, seconds)
  }

  /** Ends both, as programs end that have done their work: a profile is written then. */
  async end(): Promise<void> {
    const timer = setTimeout(() => this.kill(), 3_000)
    await Promise.allSettled([this.dialer({ order: "end" }), this.listener({ order: "end" })])
    await Promise.all([this.#listener.ended, this.#dialer.ended])
    clearTimeout(timer)
  }

  kill(): void {
    this.#listener.kill()
    this.#dialer.kill()
  }
}
