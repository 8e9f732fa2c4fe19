/**
 * js-libp2p: TCP, noise and yamux, one stream with length-prefixed messages.
 */
import { noise } from "@chainsafe/libp2p-noise"
import { yamux } from "@chainsafe/libp2p-yamux"
import { tcp } from "@libp2p/tcp"
import { lpStream } from "@libp2p/utils"
import { multiaddr } from "@multiformats/multiaddr"
import { createLibp2p } from "libp2p"
import {
  batchOf,
  byWorkers,
  type Client,
  type Desk,
  messagesOf,
  numbered,
  numberOf,
  type Pair,
  timed
} from "../src/roles/desk.ts"

const protocol = "/gc-bench/1.0.0"

const nodeOf = (listen: ReadonlyArray<string>) =>
  createLibp2p({
    addresses: { listen: [...listen] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()]
  })

type Messages = ReturnType<typeof lpStream>

const serve = async (desk: Desk, messages: Messages): Promise<void> => {
  while (true) {
    if (desk.mode === "unread") await desk.read()
    const message = await messages.read()
    if (desk.mode === "echo") await messages.write(message)
    else desk.take(message.byteLength)
  }
}

const listen = async (desk: Desk): Promise<string> => {
  const node = await nodeOf(["/ip4/127.0.0.1/tcp/0"])
  await node.handle(protocol, (stream) => {
    serve(desk, lpStream(stream)).catch((error: unknown) => process.stderr.write(`${String(error)}\n`))
  })
  return String(node.getMultiaddrs()[0])
}

const connect = async (address: string): Promise<(variant: string) => Client> => {
  const node = await nodeOf([])
  const messages = lpStream(await node.dialProtocol(multiaddr(address), protocol))
  const waiting = new Map<number, () => void>()
  let next = 0
  const replies = async () => {
    while (true) {
      const message = await messages.read()
      const id = numberOf(message.subarray(0, 4))
      waiting.get(id)?.()
      waiting.delete(id)
    }
  }
  replies().catch((error: unknown) => process.stderr.write(`${String(error)}\n`))
  const send = (size: number): Promise<void> => {
    const id = next++ >>> 0
    const reply = new Promise<void>((resolve) => waiting.set(id, resolve))
    return messages.write(numbered(size, id)).then(() => reply)
  }
  const client: Client = {
    flood: async (size, count, sent) => {
      const pool = messagesOf(size)
      const most = batchOf(size)
      for (let index = 0; index < count;) {
        const batch: Array<Uint8Array> = []
        for (const end = Math.min(count, index + most); index < end; index++) batch.push(pool[index & 15] as Uint8Array)
        await messages.writeV(batch)
        sent(index)
      }
    },
    ping: (size, count) => timed(count, () => send(size)),
    request: (size, count, concurrency) => byWorkers(count, concurrency, () => send(size))
  }
  return () => client
}

/** Two nodes with the modules that its guide of configuration sets up, all at their defaults. */
export const pair: Pair = { listen, connect }
