import type { NonEmptyReadonlyArray } from "effect/Array"
import type { Message } from "../Channel.ts"
import type { NodeName } from "../NodeName.ts"
import { frameCost } from "../protocol/flow.ts"
import type { Origin } from "./receivingHalf.ts"

type Messages = Array<Message<Uint8Array>>

/** Messages that came one behind the other from one origin, counted together. */
interface Run {
  readonly origin: Origin
  cost: number
}

/** Messages that nobody has read yet, in the order they came. Their memory is bounded by each sender's credit. */
export class Letters {
  #messages: Messages = []
  #runs: Array<Run> = []
  #last: Run | undefined

  get count(): number {
    return this.#messages.length
  }

  push(from: string, message: Uint8Array, origin: Origin): void {
    this.#messages.push({ from: from as NodeName, message })
    const cost = message.length + frameCost
    const last = this.#last
    if (last !== undefined && last.origin === origin) last.cost += cost
    else this.#runs.push((this.#last = { origin, cost }))
  }

  /** All of them, released; there has to be one. */
  take(): NonEmptyReadonlyArray<Message<Uint8Array>> {
    const messages = this.#messages
    this.drop()
    return messages as unknown as NonEmptyReadonlyArray<Message<Uint8Array>>
  }

  /** Releases all, unread. */
  drop(): void {
    const runs = this.#runs
    this.#messages = []
    this.#runs = []
    this.#last = undefined
    for (const { cost, origin } of runs) origin.release(cost)
  }
}
