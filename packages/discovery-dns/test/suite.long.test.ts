import * as Address from "@gc/core/Address"
import * as NodeName from "@gc/core/NodeName"
import * as Peer from "@gc/core/Peer"
import * as Dns from "@gc/discovery-dns"
import { discoverySuite } from "@gc/testkit/suites"
import * as Effect from "effect/Effect"
import { a, failing, nameServer, srv, zone } from "./nameServer.ts"

const hosts = (peers: ReadonlyArray<Peer.Peer>) => peers.map(({ address }) => address!)

const lookupTimeout = "2 seconds"

const addresses = Effect.gen(function* () {
  const records = (peers: ReadonlyArray<Peer.Peer>) => zone(hosts(peers).map(({ host }) => a("web.shop", host)))
  const server = yield* nameServer(records(found))
  return {
    layer: Dns.layer({ domain: "web.shop", servers: [server.address], lookupTimeout }),
    set: (peers: ReadonlyArray<Peer.Peer>) => Effect.sync(() => void (server.handle = records(peers))),
    fail: Effect.sync(() => void (server.handle = failing(2))),
    hang: Effect.sync(() => void (server.handle = () => []))
  }
})

const found = [
  Peer.fromAddress(Address.parseUnsafe("tcp://10.0.0.1:4370")),
  Peer.fromAddress(Address.parseUnsafe("tcp://10.0.0.2:4370")),
  Peer.fromAddress(Address.parseUnsafe("tcp://10.0.0.3:4370"))
] as const

discoverySuite("addresses of a name", addresses, {
  peers: found,
  ends: false,
  changes: true,
  fails: true,
  hangs: true,
  announces: false,
  polls: true
})

const service = "_gc._tcp.web.shop"

const services = Effect.gen(function* () {
  const records = (peers: ReadonlyArray<Peer.Peer>) =>
    zone(hosts(peers).map(({ host, port }) => srv(service, host, port)))
  const server = yield* nameServer(records(named))
  return {
    layer: Dns.layer({ domain: service, type: "SRV", basename: "web", servers: [server.address], lookupTimeout }),
    set: (peers: ReadonlyArray<Peer.Peer>) => Effect.sync(() => void (server.handle = records(peers))),
    fail: Effect.sync(() => void (server.handle = failing(5))),
    hang: Effect.sync(() => void (server.handle = () => []))
  }
})

const pod = (host: string, port: number): Peer.Peer => ({
  name: NodeName.make(`web@${host}`),
  address: Address.make("tcp", host, port)
})

const named = [pod("pod-1.web.shop", 4371), pod("pod-2.web.shop", 4372), pod("pod-3.web.shop", 4371)] as const

discoverySuite("services of a name", services, {
  peers: named,
  ends: false,
  changes: true,
  fails: true,
  hangs: true,
  announces: false,
  polls: true
})
