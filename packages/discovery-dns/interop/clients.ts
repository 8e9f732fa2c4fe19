import type * as Discovery from "@gc/core/Discovery"
import * as NodeName from "@gc/core/NodeName"
import * as Peer from "@gc/core/Peer"
import * as Dns from "@gc/discovery-dns"
import { decode, encode } from "dns-packet"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { createSocket } from "node:dgram"
import { Resolver } from "node:dns/promises"

/** What one look makes of a name: the peers as text, sorted, or that nobody knows. */
export type Seen = ReadonlyArray<string> | "failure"

/** What is looked for. */
export interface Look extends Omit<Dns.Options, "domain" | "type" | "servers"> {
  readonly domain: string
  readonly type?: Dns.Type
}

export const context: Discovery.DiscoveryContext = {
  self: { cluster: "test", name: NodeName.make("a@rosa"), instance: "00".repeat(16), generation: 1, addresses: [] },
  key: () => Option.none(),
  keys: () => []
}

/** This package: its first look. */
export const firstLook = (servers: ReadonlyArray<string>, look: Look): Effect.Effect<Discovery.Look, unknown> =>
  Effect.gen(function* () {
    const source = yield* Dns.make({ ...look, servers })
    const [first] = yield* Stream.runCollect(Stream.take(source.looks(context), 1))
    return first!
  })

/** What a look says, without its reason. */
export const seen = (look: Discovery.Look): Seen => (look._tag === "Peers" ? look.peers.map(Peer.format) : "failure")

const peers = (hosts: ReadonlyArray<string>, port = 4370): ReadonlyArray<string> =>
  hosts.map((host) => `tcp://${host.includes(":") ? `[${host}]` : host}:${port}`)

/** That a name, or a record of its type, is not there is an answer; everything else is none. */
const orNothing = <A>(asked: Promise<ReadonlyArray<A>>): Promise<ReadonlyArray<A>> =>
  asked.catch((error: unknown) => {
    if (error instanceof Error && "code" in error && (error.code === "ENOTFOUND" || error.code === "ENODATA")) return []
    throw error
  })

/** The same with Node's resolver, used with care. */
export const withNode = (server: string, { domain, hostType, type }: Look): Effect.Effect<Seen> =>
  Effect.promise(async () => {
    const resolver = new Resolver({ timeout: 1000, tries: 2 })
    resolver.setServers([server])
    const addresses = async (name: string): Promise<ReadonlyArray<string>> => {
      const v4 = type === "AAAA" ? [] : await orNothing(resolver.resolve4(name))
      return [...v4, ...(type === "A" ? [] : await orNothing(resolver.resolve6(name)))]
    }
    try {
      if (type !== "SRV") return peers(await addresses(domain)).toSorted()
      const services = await orNothing(resolver.resolveSrv(domain))
      const found = services.map(async ({ name, port }) =>
        peers(hostType === "ip" ? await addresses(name) : [name], port)
      )
      return (await Promise.all(found)).flat().toSorted()
    } catch {
      return "failure"
    }
  })

/** One datagram, and whatever comes back: what a client makes of it that does not look at the mark of truncation. */
export const naive = (server: string, name: string, type: Dns.Type): Effect.Effect<Seen> =>
  Effect.callback<Seen>((resume) => {
    const [host = "", port = ""] = server.split(":")
    const socket = createSocket("udp4")
    socket.on("error", () => resume(Effect.succeed("failure")))
    socket.on("message", (bytes) => {
      socket.close()
      const { answers = [] } = decode(bytes)
      const data = answers.flatMap((each) => (each.type === "A" || each.type === "AAAA" ? [each.data] : []))
      resume(Effect.succeed(peers(data).toSorted()))
    })
    socket.send(encode({ type: "query", id: 1, flags: 0x100, questions: [{ type, name }] }), Number(port), host)
    return Effect.sync(() => socket.close())
  })
