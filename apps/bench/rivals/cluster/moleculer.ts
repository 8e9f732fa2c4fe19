/**
 * A process of Moleculer's nodes: the TCP transporter with a static list, as its documentation says for networks without UDP
 * discovery; that is off, because its packets would go to every interface. The machine's name and addresses are replaced, so that the
 * nodes dial each other on loopback.
 */
import moleculer from "moleculer"
import { serve, type Start } from "../../src/cluster/roles/role.ts"

const host = "127.0.0.1"

const start: Start = async (self, seats, sight) => {
  const broker = new moleculer.ServiceBroker({
    nodeID: self.name,
    namespace: "bench",
    logger: false,
    transporter: {
      type: "TCP",
      options: {
        udpDiscovery: false,
        port: self.port,
        urls: seats.map(({ name, port }) => `tcp://${host}:${port}/${name}`).join(",")
      }
    }
  })
  const local = broker.registry.nodes.localNode
  if (local === undefined) throw new Error("Moleculer has no node of its own.")
  local.hostname = host
  local.ipList = [host]
  broker.localBus.on("$node.connected", ({ node }) => sight.up(node.id))
  broker.localBus.on("$node.disconnected", ({ node }) => sight.gone(node.id))
  await broker.start()
  return { leave: () => broker.stop() }
}

await serve(start)
