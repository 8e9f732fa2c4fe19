import type { LinkFrame } from "../protocol/linkFrames.ts"
import type { Inbound, Link } from "./link.ts"

/** What a link reports. All calls are synchronous and must not throw. */
export interface LinkListener {
  readonly now: () => number
  readonly control: (link: Link, frame: LinkFrame) => void
  readonly message: (channel: string, message: Inbound) => void
  readonly violation: (link: Link, reason: string) => void
  /** Once: nothing more will be read from it, and no data written. */
  readonly stopped: (link: Link) => void
}
