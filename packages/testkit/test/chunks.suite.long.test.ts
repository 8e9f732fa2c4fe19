import { Transport } from "@gc/core/Transport"
import { SimulatedNetwork } from "@gc/testkit"
import { transportSuite } from "@gc/testkit/suites"
import { afterAll } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { chunkTransport, rawStream } from "./support/chunkTransport.ts"

const scope = Effect.runSync(Scope.make())
const network = Effect.runSync(Scope.provide(SimulatedNetwork.make(), scope))
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

transportSuite(
  "chunks",
  Layer.sync(Transport, () => chunkTransport(network.transport("a"))),
  {
    protocols: ["memory"],
    modes: ["plain", "psk"],
    refusal: true,
    remoteHost: "a",
    buffered: 400_000,
    raw: rawStream(network.transport("b"))
  }
)
