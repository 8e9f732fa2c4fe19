import { SimulatedNetwork } from "@gc/testkit"
import { transportSuite } from "@gc/testkit/suites"
import * as Layer from "effect/Layer"

transportSuite("memory", Layer.provide(SimulatedNetwork.layerTransport("a"), SimulatedNetwork.layer()), {
  protocols: ["memory"],
  modes: ["plain"],
  refusal: true,
  remoteHost: "a",
  buffered: 400_000
})
