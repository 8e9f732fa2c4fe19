import * as Address from "@gc/core/Address"
import * as Discovery from "@gc/core/Discovery"
import * as NodeName from "@gc/core/NodeName"
import type { Peer } from "@gc/core/Peer"
import { discoverySuite } from "@gc/testkit/suites"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redis from "../src/index.ts"
import { redisServer } from "./redisServer.ts"

const peerOf = (basename: string, port: number) => ({
  name: NodeName.make(`${basename}@127.0.0.1`),
  address: Address.make("tcp", "127.0.0.1", port)
})

const peers = [peerOf("p1", 5_001), peerOf("p2", 5_002), peerOf("p3", 5_003)] as const

/** The suite's nodes are of different clusters. */
const clusters = ["suite-a", "suite-b", "suite-c"]

/** A peer has its key for good; listed a second time it has one more. No node of the suite has such an instance. */
const keyOf = (cluster: string, index: number, time: number) => `gc:${cluster}:${`${time}${index}`.padStart(32, "f")}`

const keys = clusters.flatMap((cluster) =>
  peers.flatMap((_, index) => [keyOf(cluster, index, 0), keyOf(cluster, index, 1)])
)

const entriesOf = (listed: ReadonlyArray<Peer>) =>
  clusters.flatMap((cluster) =>
    listed.map(({ address, name }, at) => {
      const index = peers.findIndex((peer) => peer.name === name)
      const time = listed.findIndex((peer) => peer.name === name) === at ? 0 : 1
      const value = { name, addresses: address === undefined ? [] : [Address.format(address)] }
      return [keyOf(cluster, index, time), JSON.stringify(value)] as const
    })
  )

const rights = ["+scan", "+getrange"]

const worldOf = (change: (source: Discovery.Source) => Discovery.Source) =>
  Effect.gen(function* () {
    const { url, use } = yield* redisServer
    const set = (next: ReadonlyArray<Peer>) =>
      use(async (client) => {
        // In one step: nobody sees a half of it.
        const step = client.multi().del(keys)
        for (const [key, value] of entriesOf(next)) step.set(key, value)
        await step.exec()
        await client.aclSetUser("node", rights)
      })
    yield* set(peers)
    return {
      layer: Layer.effect(Discovery.Discovery, Effect.map(Redis.make({ url }), change)),
      set,
      fail: use((client) => client.aclSetUser("node", ["-scan", "-getrange"])),
      announced: use(async (client) => (await client.keys("gc:*")).filter((key) => !keys.includes(key)).length)
    }
  })

// With an infinite interval a node that is listed stays listed: its looks do not end.
discoverySuite(
  "a node that is listed in Redis",
  worldOf((source) => source),
  {
    peers,
    ends: false,
    changes: true,
    fails: true,
    announces: true,
    meets: true,
    polls: false
  }
)

const onlyLooks = (source: Discovery.Source) =>
  Discovery.make({ name: source.name, looks: (context) => source.looks({ ...context, announce: false }) })

discoverySuite("a node that only looks into Redis", worldOf(onlyLooks), {
  peers,
  ends: false,
  changes: true,
  fails: true,
  announces: false,
  polls: true
})
