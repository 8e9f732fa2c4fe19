/**
 * A process of js-libp2p's nodes: TCP, noise, yamux and identify, with the bootstrap list of everybody. libp2p dials a list once, and
 * keeps to few connections a second from one host; so what failed is dialed again every second, and loopback, where all hosts
 * look like one, is on the list of those whose connections are always taken (LIMITS.md).
 */
import { noise } from "@chainsafe/libp2p-noise"
import { yamux } from "@chainsafe/libp2p-yamux"
import { bootstrap } from "@libp2p/bootstrap"
import { generateKeyPair } from "@libp2p/crypto/keys"
import { identify } from "@libp2p/identify"
import { peerIdFromPrivateKey, peerIdFromString } from "@libp2p/peer-id"
import { ping } from "@libp2p/ping"
import { tcp } from "@libp2p/tcp"
import { multiaddr } from "@multiformats/multiaddr"
import { createLibp2p } from "libp2p"
import { serve, type Seat, type Start } from "../../src/cluster/roles/role.ts"

const host = "/ip4/127.0.0.1"

/** Between two looks at who is not connected, in milliseconds. */
const again = 1_000

const privateKey = await generateKeyPair("Ed25519")

const address = ({ identity, port }: Seat): string => `${host}/tcp/${port}/p2p/${identity}`

const start: Start = async (self, seats, sight) => {
  const others = seats.filter(({ name }) => name !== self.name)
  const names = new Map(others.map(({ identity, name }) => [identity, name]))
  const node = await createLibp2p({
    privateKey,
    addresses: { listen: [`${host}/tcp/${self.port}`] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    peerDiscovery: others.length === 0 ? [] : [bootstrap({ list: others.map(address) })],
    connectionManager: { allow: [host] },
    services: { identify: identify(), ping: ping() },
    start: false
  })
  const named = (tell: (name: string) => void) => (event: CustomEvent<{ toString: () => string }>) => {
    const name = names.get(event.detail.toString())
    if (name !== undefined) tell(name)
  }
  node.addEventListener("peer:connect", named(sight.up))
  node.addEventListener("peer:disconnect", named(sight.gone))
  await node.start()
  let first = true
  const redial = setInterval(() => {
    if (first) {
      first = false
      return
    }
    for (const seat of others) {
      if (node.getConnections(peerIdFromString(seat.identity ?? "")).length > 0) continue
      node.dial(multiaddr(address(seat))).catch(() => {})
    }
  }, again)
  return {
    leave: async () => {
      clearInterval(redial)
      await node.stop()
    }
  }
}

await serve(start, peerIdFromPrivateKey(privateKey).toString())
