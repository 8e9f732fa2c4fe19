import { assert, describe, it } from "@effect/vitest"
import { Transport, type LinkSecurity } from "@gc/core/Transport"
import { transportSuite } from "@gc/testkit/suites"
import * as Ws from "@gc/transport-ws"
import * as Address from "@gc/core/Address"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as net from "node:net"
import { sees, start } from "../test/clusterNodes.ts"
import { addressOf, counted, fixture, local, plain, portOf, reasonOf, serving, until } from "../test/support.ts"
import { startNginx } from "./nginx.ts"

const ca = fixture("ca.pem")

const behindNginx = Layer.effect(
  Transport,
  Effect.map(startNginx, (nginx) => ({
    ...Ws.make({ ca }),
    listen: (security: LinkSecurity) =>
      Effect.map(Ws.make(local).listen(security), (listener) => ({
        ...listener,
        addresses: [nginx.addressOf(addressOf(listener).port)]
      }))
  }))
)

transportSuite("@gc/transport-ws behind nginx", behindNginx, {
  protocols: ["wss"],
  modes: ["plain"],
  // It answers for a node that is not there, and the kernel keeps bytes for it on both of its sides.
  refusal: false,
  buffered: 64 * 2 ** 20,
  remoteHost: "127.0.0.1"
})

/** A port that nobody has at the moment. */
const freePort = Effect.scoped(Effect.map(serving(net.createServer()), portOf))

describe("behind nginx", () => {
  it.live("what it answers itself is named", () =>
    Effect.gen(function* () {
      const nginx = yield* startNginx
      const ws = Ws.make({ ca })
      const statusOf = (address: Address.Address) =>
        Effect.map(reasonOf(ws.dial(address, plain)), (reason) =>
          reason._tag === "UpgradeRefused" ? reason.status : reason.message
        )
      const listener = yield* Ws.make(local).listen(plain)
      const { port } = addressOf(listener)
      assert.strictEqual(yield* statusOf(nginx.addressOf(yield* freePort)), 502)
      assert.strictEqual(yield* statusOf({ ...nginx.addressOf(port), path: "/nothing" }), 404)
      assert.strictEqual(yield* statusOf(nginx.addressOf(port, "deaf")), 426)
      yield* ws.dial(nginx.addressOf(port), plain)
    })
  )

  it.live("three nodes are one cluster, and nobody is down when it reads its configuration anew", () =>
    Effect.gen(function* () {
      const nginx = yield* startNginx
      const node = Effect.fnUntraced(function* (name: string, ...peers: ReadonlyArray<Address.Address>) {
        const port = yield* freePort
        const ws = { host: "127.0.0.1", port, advertise: Address.format(nginx.addressOf(port)), ca }
        return yield* start(name, { security: "plain", detector: "lan", ws, peers })
      })
      const a = yield* node("a")
      const b = yield* node("b", a.address)
      const c = yield* node("c", b.address)
      for (const each of [a, b, c]) yield* sees(each, "a", "b", "c")
      const before = yield* counted("gc_ws_accepted")
      yield* nginx.reload
      let accepted = before
      while (accepted < before + 3) {
        yield* Effect.sleep("20 millis")
        accepted = yield* counted("gc_ws_accepted")
      }
      yield* Effect.sleep("1 second")
      for (const each of [a, b, c]) {
        yield* sees(each, "a", "b", "c")
        assert.deepStrictEqual(
          each.events.map(({ _tag }) => _tag),
          ["Up", "Up", "Up"]
        )
      }
      yield* c.stop
      for (const each of [a, b]) yield* until(() => each.events.at(-1)?._tag === "Left")
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map()))
  )
})
