import { announcing, silent } from "./announcing.ts"
import { changing, failing } from "./changing.ts"
import { hanging } from "./hanging.ts"
import { meeting } from "./meeting.ts"
import { finalSet, looking, openSet, polling } from "./looking.ts"
import type { DiscoverySection } from "./subject.ts"

/** Everything that a discovery must do. */
export const discoverySections: ReadonlyArray<DiscoverySection> = [
  looking,
  finalSet,
  openSet,
  polling,
  changing,
  failing,
  hanging,
  announcing,
  silent,
  meeting
]
