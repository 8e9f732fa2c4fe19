/**
 * Moleculer's TCP transporter between two nodes: events one way, calls of an action for replies. Its packets are JSON, so that a
 * message is a text.
 */
import { ServiceBroker } from "moleculer"
import { byWorkers, type Client, type Desk, type Pair, timed } from "../src/roles/desk.ts"

const brokerOf = (nodeID: string, port: number, urls: ReadonlyArray<string>) =>
  new ServiceBroker({
    nodeID,
    logger: false,
    transporter: {
      type: "TCP",
      // On loopback alone, from a list: its UDP discovery would send to the network. Nodes are known by their addresses.
      options: { udpDiscovery: false, port, urls: urls.join(","), useHostname: false }
    }
  })

const freePort = async (): Promise<number> => {
  const { createServer } = await import("node:net")
  const server = createServer()
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      const port = address !== null && typeof address === "object" ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}

const batch = 64

const listen = async (desk: Desk): Promise<string> => {
  const [own, other] = [await freePort(), await freePort()]
  const urls = [`tcp://127.0.0.1:${own}/listener`, `tcp://127.0.0.1:${other}/dialer`]
  const broker = brokerOf("listener", own, urls)
  broker.createService({
    name: "bench",
    actions: { echo: (ctx: { readonly params: { readonly text: string } }) => ctx.params.text },
    events: {
      "bench.note": (ctx: { readonly params: { readonly text: string } }) =>
        desk.mode === "unread" ? desk.read() : desk.take(ctx.params.text.length)
    }
  })
  await broker.start()
  return `${other} ${urls.join(" ")}`
}

const connect = async (address: string): Promise<(variant: string) => Client> => {
  const [port, ...urls] = address.split(" ")
  const broker = brokerOf("dialer", Number(port), urls)
  await broker.start()
  await broker.waitForServices("bench", 60_000, 100)
  const call = (text: string) => () => broker.call("bench.echo", { text })
  const client: Client = {
    flood: async (size, count, sent) => {
      const text = "x".repeat(size)
      for (let index = 0; index < count;) {
        const handed: Array<Promise<unknown>> = []
        // What an event's promise waits for is the write to the socket.
        for (const end = Math.min(count, index + batch); index < end; index++) {
          handed.push(broker.emit("bench.note", { text }))
        }
        await Promise.all(handed)
        sent(index)
      }
    },
    ping: (size, count) => timed(count, call("x".repeat(size))),
    request: (size, count, concurrency) => byWorkers(count, concurrency, call("x".repeat(size)))
  }
  return () => client
}

/** Two nodes with the defaults of the TCP transporter, without its UDP discovery. */
export const pair: Pair = { listen, connect }
