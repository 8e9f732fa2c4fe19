import * as Transport from "@gc/core/Transport"
import { SimulatedNetwork } from "@gc/testkit"
import { transportSuite } from "@gc/testkit/suites"
import * as Ws from "@gc/transport-ws"
import * as Layer from "effect/Layer"
import { local } from "@gc/transport-trials/security"

const memory = SimulatedNetwork.layerTransport("a").pipe(Layer.provide(SimulatedNetwork.layer()))

transportSuite("ws and memory, merged", Transport.layerMerge(Ws.layer(local), memory), {
  protocols: ["ws", "wss", "memory"],
  modes: ["plain"],
  refusal: true,
  remoteHost: "127.0.0.1"
})
