import { assert, describe, it } from "@effect/vitest"
import { Resolver } from "@gc/discovery-dns"
import { TRUNCATED_RESPONSE } from "dns-packet"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import { a, answer, message, nameServer, silent } from "./nameServer.ts"

describe("the metrics", () => {
  it.live("count questions by outcome, what was passed over, and answers that did not fit", () =>
    Effect.gen(function* () {
      const server = yield* nameServer((query) => {
        if (query.transport === "tcp") return answer(query, [a("web.shop", "10.0.0.1")])
        const genuine = message(query, { flags: TRUNCATED_RESPONSE })
        return [{ bytes: Buffer.concat([Buffer.from([genuine[0]! ^ 1]), genuine.subarray(1)]) }, { bytes: genuine }]
      })
      const resolver = yield* Resolver.make({ servers: [server.address] })
      yield* resolver.resolve("web.shop", "A")
      yield* server.stop
      yield* Effect.flip(resolver.resolve("web.shop", "A"))
      const silence = yield* nameServer(silent)
      const waiting = yield* Resolver.make({ servers: [silence.address], attempts: 1, lookupTimeout: "100 millis" })
      yield* Effect.flip(waiting.resolve("web.shop", "A"))
      const counted = (yield* Metric.snapshot).map(({ attributes, id, state }) => {
        const { server: at, ...rest } = attributes ?? {}
        assert.include([server.address, silence.address], at)
        return [id, ...Object.values(rest), "count" in state ? Number(state.count) : undefined].join(" ")
      })
      assert.sameMembers(counted, [
        "gc_dns_ignored_total id 1",
        "gc_dns_queries_total udp NOERROR 1",
        "gc_dns_queries_total tcp NOERROR 1",
        "gc_dns_queries_total udp failed 1",
        "gc_dns_queries_total udp unanswered 1",
        "gc_dns_truncated_total 1"
      ])
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map()))
  )
})
