import type { LinkFrame } from "../protocol/linkFrames.ts"
import type { Link } from "./link.ts"
import type { Receiving } from "./receivingHalf.ts"

/** What a link reports. All calls are synchronous and must not throw. */
export interface LinkListener {
  readonly now: () => number
  readonly control: (link: Link, frame: LinkFrame) => void
  readonly message: (channel: Receiving, from: string, message: Uint8Array) => void
  /** After messages that came together: who waits for them may read them now. */
  readonly delivered: () => void
  readonly violation: (link: Link, reason: string) => void
  /** Once: nothing more will be read from it, and no data written. */
  readonly stopped: (link: Link) => void
}
