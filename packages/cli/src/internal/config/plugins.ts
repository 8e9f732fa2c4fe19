import { named as namedBy } from "@gc/core/Configuration"
import type { Plugins } from "@gc/core/Plugin"
import * as Effect from "effect/Effect"
import { type Place, placesOf, wrong } from "../context.ts"
import type { CliFailure } from "../failure.ts"
import { note } from "../output.ts"
import { loadInstalled, loadNamed } from "../plugins.ts"

/** gc's own packages that are installed, and what the configuration names beside them. */
export const allPlugins = Effect.fnUntraced(function* (place: Place): Effect.fn.Return<Plugins, CliFailure> {
  const { plugins, problems } = yield* loadInstalled(placesOf(place))
  for (const problem of problems) yield* note(`warning: left out: ${problem}`)
  if (!place.exists) return plugins
  const named = yield* Effect.catchTag(namedBy(place.path), "ConfigurationError", wrong)
  const beside = <A extends { readonly key: string }>(of: ReadonlyArray<A>, installed: ReadonlyArray<A> = []) => [
    ...installed.filter(({ key }) => !of.some((each) => each.key === key)),
    ...of
  ]
  const others = yield* loadNamed(named, placesOf(place))
  return {
    discovery: beside(others.discovery ?? [], plugins.discovery),
    transport: beside(others.transport ?? [], plugins.transport),
    resolver: beside(others.resolver ?? [], plugins.resolver)
  }
})
