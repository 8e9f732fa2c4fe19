import * as Transport from "@gc/core/Transport"
import { SimulatedNetwork } from "@gc/testkit"
import { transportSuite } from "@gc/testkit/suites"
import * as Tcp from "@gc/transport-tcp"
import * as Layer from "effect/Layer"
import { local } from "@gc/transport-trials/security"

const memory = SimulatedNetwork.layerTransport("a").pipe(Layer.provide(SimulatedNetwork.layer()))

transportSuite("tcp and memory, merged", Transport.layerMerge(Tcp.layer(local), memory), {
  protocols: ["tcp", "memory"],
  modes: ["plain"],
  refusal: true,
  remoteHost: "127.0.0.1"
})
