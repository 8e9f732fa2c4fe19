import * as Effect from "effect/Effect"
import { frameCost, initialWindow } from "../protocol/flow.ts"
import type { Mailbox } from "./mailboxes.ts"
import type { Origin } from "./receivingHalf.ts"

/** Messages to this node itself: a sender waits while as much is unread as a link would let through. */
export const makeSelfDelivery = (
  mailbox: Mailbox,
  self: string
): ((batch: ReadonlyArray<Uint8Array>) => Effect.Effect<void>) => {
  const waiting = new Set<() => void>()
  let held = 0
  const origin: Origin = {
    release: (cost) => {
      held -= cost
      if (held >= initialWindow) return
      const wakes = [...waiting]
      waiting.clear()
      for (const wake of wakes) wake()
    }
  }
  const push = (bytes: Uint8Array): void => {
    held += bytes.length + frameCost
    mailbox.push(self, bytes, origin)
  }
  const room = Effect.callback<void>((resume) => {
    const wake = (): void => resume(Effect.void)
    waiting.add(wake)
    return Effect.sync(() => waiting.delete(wake))
  })
  const deliver = (batch: ReadonlyArray<Uint8Array>): Effect.Effect<void> =>
    Effect.suspend(() => {
      if (held >= initialWindow) return Effect.andThen(room, deliver(batch))
      return Effect.sync(() => {
        batch.forEach(push)
        mailbox.wake()
      })
    })
  return deliver
}
