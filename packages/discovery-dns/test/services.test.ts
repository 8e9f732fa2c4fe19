import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { found, service, serving } from "./looking.ts"
import { a, aaaa, answer, failing, type Handler, nameServer, srv, zone } from "./nameServer.ts"

describe("services", () => {
  const two = [srv(service, "pod-1.web.shop", 4371), srv(service, "Pod-2.web.shop", 4372)]
  const addresses = [a("pod-1.web.shop", "10.0.0.1"), a("pod-2.web.shop", "10.0.0.2")]

  it.live("are host names with the records' ports, by default", () =>
    Effect.gen(function* () {
      const server = yield* serving(two)
      const options = { domain: service, type: "SRV", servers: [server.address] } as const
      const names = ["tcp://pod-1.web.shop:4371", "tcp://pod-2.web.shop:4372"]
      assert.deepStrictEqual(yield* found(options), names)
      assert.lengthOf(server.asked, 1, "no target is resolved")
      assert.deepStrictEqual(yield* found({ ...options, basename: "web" }), [
        "web@pod-1.web.shop at tcp://pod-1.web.shop:4371",
        "web@pod-2.web.shop at tcp://pod-2.web.shop:4372"
      ])
    })
  )

  it.live("have the addresses that came along, and nothing else is asked", () =>
    Effect.gen(function* () {
      const alien = aaaa("ns.shop", "fd00::6")
      const server = yield* nameServer((query) => answer(query, two, { additionals: [...addresses, alien] }))
      const options = { domain: service, type: "SRV", hostType: "ip", servers: [server.address] } as const
      assert.deepStrictEqual(yield* found(options), ["tcp://10.0.0.1:4371", "tcp://10.0.0.2:4372"])
      assert.lengthOf(server.asked, 1)
    })
  )

  it.live("are resolved where none came along, in both families", () =>
    Effect.gen(function* () {
      const zoned = zone([...addresses, aaaa("pod-2.web.shop", "fd00::2")])
      const handle: Handler = (query) =>
        query.type === "SRV" ? answer(query, two, { additionals: addresses.slice(0, 1) }) : zoned(query)
      const server = yield* nameServer(handle)
      const options = { domain: service, type: "SRV", hostType: "ip", servers: [server.address] } as const
      assert.deepStrictEqual(yield* found(options), ["tcp://10.0.0.1:4371", "tcp://10.0.0.2:4372"])
      server.handle = (query) => (query.type === "SRV" ? answer(query, two) : zoned(query))
      assert.deepStrictEqual(yield* found(options), [
        "tcp://10.0.0.1:4371",
        "tcp://10.0.0.2:4372",
        "tcp://[fd00::2]:4372"
      ])
    })
  )

  it.live("have the addresses of a family that did not fit for one of them", () =>
    Effect.gen(function* () {
      const came = [...addresses, aaaa("pod-1.web.shop", "fd00::1")]
      const server = yield* nameServer((query) =>
        query.type === "SRV"
          ? answer(query, two, { additionals: came })
          : zone([aaaa("pod-2.web.shop", "fd00::2")])(query)
      )
      const options = { domain: service, type: "SRV", hostType: "ip", servers: [server.address] } as const
      assert.lengthOf(yield* found(options), 4)
      assert.deepStrictEqual(
        server.asked.map(({ name, type }) => `${type} ${name}`),
        [`SRV ${service}`, "AAAA pod-2.web.shop"]
      )
    })
  )

  it.live("whose target is . are not there, and one that is gone is left out", () =>
    Effect.gen(function* () {
      const server = yield* serving([srv(service, ".", 0)])
      for (const hostType of ["ip", "hostname"] as const) {
        assert.deepStrictEqual(yield* found({ domain: service, type: "SRV", hostType, servers: [server.address] }), [])
      }
      server.handle = zone([...two, ...addresses.slice(0, 1)])
      assert.deepStrictEqual(
        yield* found({ domain: service, type: "SRV", hostType: "ip", servers: [server.address] }),
        ["tcp://10.0.0.1:4371"]
      )
    })
  )

  it.live("whose target is an address are there, and are not asked for", () =>
    Effect.gen(function* () {
      const server = yield* serving([srv(service, "10.0.0.7", 4371), two[0]!, addresses[0]!])
      const options = { domain: service, type: "SRV", hostType: "ip", servers: [server.address] } as const
      assert.deepStrictEqual(yield* found(options), ["tcp://10.0.0.1:4371", "tcp://10.0.0.7:4371"])
    })
  )

  it.live("of which one target cannot be resolved are a failure", () =>
    Effect.gen(function* () {
      const server = yield* nameServer((query) =>
        query.name === "pod-2.web.shop" ? failing(2)(query) : zone([...two, ...addresses])(query)
      )
      const error = yield* Effect.flip(
        found({ domain: service, type: "SRV", hostType: "ip", servers: [server.address] })
      )
      assert.include(error.message, `discovery dns: A of pod-2.web.shop: SERVFAIL from ${server.address}`)
    })
  )
})
