/**
 * One end of a link, as a process: `node link.ts <pair>`. It is told by IPC what to do, and ends with its parent.
 */
import { type Answers, monotonic, type Order } from "../links/orders.ts"
import { type Client, Desk, type Pair } from "./desk.ts"

/** Those in rivals/ import what only the benchmark installs. */
const rival = async (name: string): Promise<Pair> => {
  const { pair } = (await import(new URL(`../../rivals/${name}.ts`, import.meta.url).href)) as { readonly pair: Pair }
  return pair
}

const pairs: Record<string, () => Promise<Pair>> = {
  raw: async () => (await import("./raw.ts")).plain,
  "raw-tls": async () => (await import("./raw.ts")).secured,
  ws: async () => (await import("./rawWs.ts")).ws,
  "gc-tcp": async () => (await import("./gc.ts")).tcp,
  "gc-psk": async () => (await import("./gc.ts")).psk,
  "gc-ws": async () => (await import("./gc.ts")).ws,
  "effect-rpc": async () => (await import("./rpc.ts")).rpc,
  moleculer: () => rival("moleculerLink"),
  libp2p: () => rival("libp2pLink")
}

const desk = new Desk()
let client: ((variant: string) => Client) | undefined
let sent = 0
let problem = ""
let before = process.cpuUsage()

const begin = (): void => {
  sent = 0
  problem = ""
  before = process.cpuUsage()
}

const count = (messages: number): void => {
  sent = messages
}

const clientOf = (variant: string): Client => {
  if (client === undefined) throw new Error("this end is not connected")
  return client(variant)
}

type Does = { readonly [O in Order["order"]]: (order: Order & { readonly order: O }) => Promise<Answers[O]> }

const does = (pair: Pair): Does => ({
  listen: async ({ secret }) => ({ address: await pair.listen(desk, secret) }),
  connect: async ({ meeting }) => {
    client = await pair.connect(meeting.address, meeting.secret)
    return { connected: true }
  },
  expect: async ({ count, mode, size, variant }) => {
    begin()
    desk.expect(variant, mode, size, count)
    return { ready: true }
  },
  arrival: async () => ({ at: await desk.arrival }),
  flood: async ({ count: messages, size, variant }) => {
    begin()
    const startedAt = monotonic()
    await clientOf(variant).flood(size, messages, count)
    return { startedAt }
  },
  ping: async ({ count, size, variant }) => {
    begin()
    return { micros: await clientOf(variant).ping(size, count) }
  },
  request: async ({ concurrency, count, size, variant }) => {
    begin()
    const startedAt = monotonic()
    await clientOf(variant).request(size, count, concurrency)
    return { startedAt, endedAt: monotonic() }
  },
  press: async ({ count: messages, size, variant }) => {
    begin()
    clientOf(variant)
      .flood(size, messages, count)
      .catch((error: unknown) => {
        problem = error instanceof Error ? error.message : String(error)
      })
    return { pressing: true }
  },
  usage: async () => {
    const { system, user } = process.cpuUsage(before)
    return { cpuMicros: system + user, rssBytes: process.memoryUsage.rss(), sent, problem }
  },
  end: async () => {
    setImmediate(() => process.exit(0))
    return { ended: true }
  }
})

const name = process.argv[2] ?? ""
const load = pairs[name]
if (load === undefined) throw new Error(`there is no pair "${name}", only ${Object.keys(pairs).join(", ")}`)
const doing = does(await load())

// A link that is lost fails what is under way on it, and nothing else.
process.on("unhandledRejection", (error) => {
  problem = error instanceof Error ? error.message : String(error)
})
process.on("disconnect", () => process.exit(0))
// A terminal's Ctrl-C is for the parent.
process.on("SIGINT", () => {})
process.on("message", ({ id, order }: { readonly id: number; readonly order: Order }) => {
  const act = doing[order.order] as (order: Order) => Promise<unknown>
  act(order).then(
    (answer) => process.send?.({ id, answer }),
    (error: unknown) => process.send?.({ id, error: error instanceof Error ? error.message : String(error) })
  )
})
