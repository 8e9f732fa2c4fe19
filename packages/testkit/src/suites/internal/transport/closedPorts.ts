import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { addressOf, listen, reasonOf, type TransportSection } from "./subject.ts"

export const closedPorts: TransportSection = {
  name: "closed ports",
  skip: ({ capabilities }) => (capabilities.refusal ? undefined : "it cannot tell a closed port"),
  checks: [
    {
      name: "a dial to a port that nobody listens on any more is refused",
      run: Effect.fnUntraced(function* (subject) {
        const listener = yield* listen(subject)
        yield* subject.soon("closing the listener", listener.close)
        const dialed = Effect.scoped(subject.transport.dial(addressOf(listener), subject.security))
        assert.strictEqual((yield* reasonOf(subject, "a refused dial", dialed))._tag, "Refused")
      })
    }
  ]
}
