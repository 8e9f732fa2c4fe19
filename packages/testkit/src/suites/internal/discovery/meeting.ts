import * as Address from "@gc/core/Address"
import type { DiscoveryContext } from "@gc/core/Discovery"
import * as Effect from "effect/Effect"
import { assert } from "@effect/vitest"
import {
  aWhile,
  awaitLook,
  contextOf,
  type DiscoverySection,
  type Heard,
  type Run,
  run,
  type Subject
} from "./subject.ts"

const at = (port: number) => Address.make("tcp", "127.0.0.1", port)

/** A node of the cluster in which all of this section are. */
const member = (name: string, port: number): DiscoveryContext => contextOf(name, [at(port)], "suite-a")

/** Whether a node is in a look: where it listens, or at least its name. */
const has = (look: Heard, { self }: DiscoveryContext, port: number): boolean =>
  look.set?.some(
    ({ address, name }) =>
      (name === undefined || name === self.name) &&
      (address === undefined ? name === self.name : address.host === "127.0.0.1" && address.port === port)
  ) === true

const finds = (subject: Subject, running: Run, node: DiscoveryContext, port: number) =>
  awaitLook(
    subject,
    running,
    `a look that finds ${node.self.name} at port ${port}`,
    (look) => look._tag === "Peers" && has(look, node, port),
    running.looks.length
  )

const loses = (subject: Subject, running: Run, node: DiscoveryContext, port: number) =>
  awaitLook(
    subject,
    running,
    `a look without ${node.self.name} at port ${port}`,
    (look) => look._tag === "Peers" && look.set !== undefined && !has(look, node, port),
    Math.max(0, running.looks.length - 1)
  )

export const meeting: DiscoverySection = {
  name: "meeting",
  skip: ({ announces, meets }) =>
    announces && meets === true ? undefined : "nodes do not find each other through this source alone",
  checks: [
    {
      name: "nodes of one cluster that are announced find each other, as long as they are there",
      run: Effect.fnUntraced(function* (subject) {
        const [a, b] = [member("a", 4_999), member("b", 4_998)]
        const first = yield* run(subject, a)
        const second = yield* run(subject, b)
        yield* Effect.all([finds(subject, first, b, 4_998), finds(subject, second, a, 4_999)], { concurrency: 2 })
        yield* second.stop
        yield* loses(subject, first, b, 4_998)
      })
    },
    {
      name: "a node of another cluster is not found",
      run: Effect.fnUntraced(function* (subject) {
        const [a, b] = [member("a", 4_999), contextOf("b", [at(4_998)])]
        const first = yield* run(subject, a)
        const second = yield* run(subject, b)
        for (const running of [first, second]) {
          yield* awaitLook(subject, running, "a look", (look) => look._tag === "Peers" && look.set !== undefined)
        }
        yield* aWhile
        assert.isFalse(
          first.looks.some((look) => has(look, b, 4_998)) || second.looks.some((look) => has(look, a, 4_999))
        )
      })
    },
    {
      name: "a node that listens elsewhere now is found there",
      run: Effect.fnUntraced(function* (subject) {
        const context = member("b", 4_998)
        const self = { ...context.self }
        const b = { ...context, self }
        const first = yield* run(subject, member("a", 4_999))
        yield* run(subject, b)
        yield* finds(subject, first, b, 4_998)
        self.addresses = [at(4_997)]
        yield* finds(subject, first, b, 4_997)
        yield* loses(subject, first, b, 4_998)
      })
    }
  ]
}
