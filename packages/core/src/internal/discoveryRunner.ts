import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Address from "../Address.ts"
import { type DiscoveryContext, type Look, merge, RefreshInterval, type Source } from "../Discovery.ts"
import type { Engine } from "./engine.ts"

/** Runs the sources, each supervised alone, and tells the node what they see. A source that fails is logged once. */
export const runDiscovery = (
  engine: Engine,
  discovery: Source,
  context: DiscoveryContext,
  refreshInterval: number
): Effect.Effect<void> => {
  const failing = new Set<string>()
  const counts = new Map<string, number>()
  const take = (look: Look): Effect.Effect<void> => {
    if (look._tag === "Unknown") {
      engine.meter.add("looks_failed")
      engine.dispatch({ _tag: "LookFailed", source: look.source })
      if (failing.has(look.source)) return Effect.void
      failing.add(look.source)
      return Effect.annotateLogs(Effect.logWarning(`${look.error.message}; what it found before is kept`), {
        source: look.source,
        kept: counts.get(look.source) ?? 0
      })
    }
    engine.meter.add("looks")
    counts.set(look.source, look.peers.length)
    engine.dispatch({
      _tag: "Look",
      source: look.source,
      peers: look.peers.map(({ address, name }) => ({
        ...(address !== undefined && { address: Address.format(address) }),
        ...(name !== undefined && { name })
      }))
    })
    if (!failing.delete(look.source)) return Effect.void
    return Effect.annotateLogs(Effect.logInfo("discovery works again"), { source: look.source })
  }
  return merge(discovery)
    .looks(context)
    .pipe(
      Stream.runForEach(take),
      Effect.provideService(RefreshInterval, Duration.millis(refreshInterval)),
      Effect.catch((error) => Effect.logError(`discovery ended: ${error.message}`)),
      Effect.annotateLogs({ cluster: context.self.cluster, node: context.self.name })
    )
}
