import * as Address from "@gc/core/Address"
import * as NodeName from "@gc/core/NodeName"
import * as Peer from "@gc/core/Peer"
import * as Static from "@gc/discovery-static"
import { discoverySuite } from "@gc/testkit/suites"

discoverySuite("a fixed list", Static.layer(["tcp://127.0.0.1:4371", "b@rosa", "c@127.0.0.1:4372"]), {
  peers: [
    Peer.fromAddress(Address.parseUnsafe("tcp://127.0.0.1:4371")),
    Peer.fromName(NodeName.make("b@rosa")),
    { address: Address.parseUnsafe("tcp://127.0.0.1:4372"), name: NodeName.make("c@127.0.0.1") }
  ],
  ends: true,
  changes: false,
  fails: false,
  announces: false,
  polls: false
})
