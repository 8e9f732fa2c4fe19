/* oxlint-disable vitest/no-conditional-tests, vitest/no-disabled-tests, vitest/valid-title -- the capabilities choose */
import type { Discovery } from "@gc/core/Discovery"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { type DiscoveryCapabilities, type DiscoveryWorld, format } from "./DiscoveryCapabilities.ts"
import { discoverySections } from "./internal/discovery/sections.ts"
import { makeSubject } from "./internal/discovery/subject.ts"

const testTimeout = 60_000

/**
 * The conformance suite of discoveries: everything that the contract in `@gc/core/Discovery` asks, as tests of vitest.
 *
 * **Details**
 *
 * Each test makes its own world, builds its layer, and runs on the real clock with an interval of 50 milliseconds. A source
 * that nothing can be done to is given as its layer alone. The capabilities choose the sections; what is left out appears
 * as a skipped test with the reason.
 *
 * **Example** (A fixed list)
 *
 * ```ts
 * import { Address, Peer } from "@gc/core"
 * import { discoverySuite } from "@gc/testkit/suites"
 * import { layer } from "gc-discovery-list"
 *
 * const peers = [Peer.fromAddress(Address.parseUnsafe("tcp://127.0.0.1:4370"))] as const
 *
 * discoverySuite("gc-discovery-list", layer(peers), {
 *   peers,
 *   ends: true,
 *   changes: false,
 *   fails: false,
 *   announces: false,
 *   polls: false
 * })
 * ```
 *
 * @category testing
 * @since 0.1.0
 */
export const discoverySuite = (
  name: string,
  world: Layer.Layer<Discovery, unknown> | Effect.Effect<DiscoveryWorld, unknown, Scope.Scope>,
  capabilities: DiscoveryCapabilities
): void => {
  if (!capabilities.changes && (capabilities.fails || capabilities.hangs === true)) {
    throw new Error(
      `${name}: to ask a source that can fail or hang, its world needs "set" to mend it: say "changes", too`
    )
  }
  const makeWorld = Effect.isEffect(world) ? world : Effect.succeed<DiscoveryWorld>({ layer: world })
  describe(`${name}: ${format(capabilities)}`, () => {
    for (const section of discoverySections) {
      const reason = section.skip?.(capabilities)
      if (reason !== undefined) {
        it.skip(`${section.name}: ${reason}`, () => {})
        continue
      }
      describe(section.name, () => {
        for (const check of section.checks) {
          it.live(
            check.name,
            () =>
              Effect.gen(function* () {
                const made = yield* makeWorld
                yield* check.run(yield* makeSubject(made, capabilities))
              }),
            testTimeout
          )
        }
      })
    }
  })
}
