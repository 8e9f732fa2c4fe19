import * as Address from "@gc/core/Address"
import * as NodeName from "@gc/core/NodeName"
import type * as Peer from "@gc/core/Peer"
import * as Epmd from "@gc/discovery-epmd"
import { discoverySuite } from "@gc/testkit/suites"
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Effect from "effect/Effect"
import { type FakeEpmd, entryOf, fakeEpmd } from "./fakeEpmd.ts"

const peerOf = (basename: string, port: number): Peer.Peer & { readonly address: Address.Address } => ({
  name: NodeName.make(`${basename}@127.0.0.1`),
  address: Address.make("tcp", "127.0.0.1", port)
})

const peers: NonEmptyReadonlyArray<Peer.Peer> = [peerOf("p1", 5_001), peerOf("p2", 5_002), peerOf("p3", 5_003)]

/** The suite's nodes are of different clusters: its peers do not say theirs. */
const entries = (listed: ReadonlyArray<Peer.Peer>) =>
  listed.flatMap(({ address, name }) =>
    address === undefined || name === undefined
      ? []
      : [entryOf(NodeName.basename(name), address.port, `gc1 - ${name} ${Address.format(address)}`)]
  )

const worldOf = (register: boolean) =>
  Effect.map(fakeEpmd, (epmd: FakeEpmd) => {
    epmd.listed = entries(peers)
    return {
      layer: Epmd.layer({ port: epmd.port, register, timeout: "2 seconds" }),
      set: (next: ReadonlyArray<Peer.Peer>) =>
        Effect.sync(() => {
          epmd.listed = entries(next)
          epmd.failing = false
          epmd.answer = undefined
        }),
      fail: Effect.sync(() => {
        epmd.failing = true
      }),
      hang: Effect.sync(() => {
        epmd.answer = () => undefined
      }),
      announced: Effect.sync(() => epmd.registered.size)
    }
  })

discoverySuite("an epmd where the node registers", worldOf(true), {
  peers,
  ends: false,
  changes: true,
  fails: true,
  hangs: true,
  announces: true,
  meets: true,
  polls: true
})

discoverySuite("an epmd that the node only asks", worldOf(false), {
  peers,
  ends: false,
  changes: true,
  fails: true,
  hangs: true,
  announces: false,
  polls: true
})
