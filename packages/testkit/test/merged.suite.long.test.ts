import * as Transport from "@gc/core/Transport"
import { SimulatedNetwork } from "@gc/testkit"
import { transportSuite } from "@gc/testkit/suites"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const network = Layer.unwrap(
  Effect.map(SimulatedNetwork.make(), (made) =>
    Layer.succeed(Transport.Transport, Transport.merge(made.transport("a"), made.transport("b")))
  )
)

transportSuite("memory, twice, merged", network, {
  protocols: ["memory"],
  modes: ["plain"],
  refusal: true,
  remoteHost: "a",
  buffered: 400_000
})
