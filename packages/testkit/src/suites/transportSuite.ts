/* oxlint-disable vitest/no-conditional-tests, vitest/no-disabled-tests, vitest/valid-title -- the capabilities choose */
import { Transport } from "@gc/core/Transport"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { transportSections } from "./internal/transport/sections.ts"
import { makeSubject } from "./internal/transport/subject.ts"
import { format, type TransportCapabilities } from "./TransportCapabilities.ts"

/** A check that waits for a condition fails on its own; this ends one that cannot even be interrupted. */
const testTimeout = 60_000

/**
 * The conformance suite of transports: everything that the contract in `@gc/core/Transport` asks, as tests of vitest.
 *
 * **Details**
 *
 * Each test builds the layer anew, listens and dials with the same transport, and runs on the real clock. The capabilities
 * choose the sections; what is left out appears as a skipped test with the reason. The suite runs once in each mode.
 *
 * **Example** (The whole test file of a transport)
 *
 * ```ts
 * import { transportSuite } from "@gc/testkit/suites"
 * import { layer } from "gc-transport-pigeon"
 *
 * transportSuite("gc-transport-pigeon", layer({ host: "127.0.0.1", port: 0 }), {
 *   protocols: ["pigeon"],
 *   modes: ["plain"],
 *   refusal: true,
 *   remoteHost: "127.0.0.1"
 * })
 * ```
 *
 * @category testing
 * @since 0.1.0
 */
export const transportSuite = <E>(
  name: string,
  layer: Layer.Layer<Transport, E>,
  capabilities: TransportCapabilities
): void =>
  void describe(`${name}: ${format(capabilities)}`, () => {
    for (const mode of capabilities.modes) {
      describe(`${mode} mode`, () => {
        for (const section of transportSections) {
          const reason = section.skip?.({ capabilities, mode })
          if (reason !== undefined) {
            it.skip(`${section.name}: ${reason}`, () => {})
            continue
          }
          describe(section.name, () => {
            for (const check of section.checks) {
              it.live(
                check.name,
                () =>
                  Effect.flatMap(Transport, (transport) => check.run(makeSubject(transport, capabilities, mode))).pipe(
                    Effect.provide(layer)
                  ),
                testTimeout
              )
            }
          })
        }
      })
    }
  })
