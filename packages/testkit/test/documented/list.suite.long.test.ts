import * as Address from "@gc/core/Address"
import * as Discovery from "@gc/core/Discovery"
import * as Peer from "@gc/core/Peer"
import { discoverySuite } from "@gc/testkit/suites"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"

const peers = [
  Peer.fromAddress(Address.make("tcp", "10.0.0.7", 4370)),
  Peer.fromAddress(Address.make("tcp", "10.0.0.8", 4370)),
  Peer.fromAddress(Address.make("tcp", "10.0.0.9", 4370))
] as const

const source = Discovery.make({ name: "list", looks: () => Stream.succeed(Discovery.peers(peers)) })

discoverySuite("my list", Layer.succeed(Discovery.Discovery, source), {
  peers,
  ends: true,
  changes: false,
  fails: false,
  announces: false,
  polls: false
})
