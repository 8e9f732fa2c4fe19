/**
 * The DNS server of a cluster, as CoreDNS answers for headless Services: NXDOMAIN for one without pods.
 */
import * as Effect from "effect/Effect"
import { type Answer, decode, encode, type Packet } from "dns-packet"
import { createSocket } from "node:dgram"

/** A pod that a Service lists. */
export interface Listed {
  readonly name: string
  readonly address: string
}

/** The zone of the namespace, and what the kubelet writes into a pod's resolv.conf. */
const namespace = "default.svc.cluster.local"

/** The text of a pod's resolv.conf. */
export const resolvConf = (server: string): string =>
  `search ${namespace} svc.cluster.local cluster.local\nnameserver ${server}\noptions ndots:5\n`

/** A server for one Service, whose port is called `gc`. */
export interface KubeDns {
  /** Lists these pods from now on. */
  readonly list: (pods: ReadonlyArray<Listed>) => void
  /** The names that were asked for, in order. */
  readonly asked: ReadonlyArray<string>
  /** Waits until a name was asked for. */
  readonly untilAsked: (name: string) => Effect.Effect<void>
}

const ttl = 5

/** Serves at port 53 of an address, as long as the scope is open; fails with the code of the system, `EACCES` where that is root's. */
export const makeKubeDns = (service: string, port: number, address: string) =>
  Effect.acquireRelease(
    Effect.callback<KubeDns & { readonly close: () => void }, { readonly code: string }>((resume) => {
      let pods: ReadonlyArray<Listed> = []
      const asked: Array<string> = []
      const waiting = new Set<() => void>()
      const socket = createSocket("udp4")
      const domain = `${service}.${namespace}`
      const hostOf = ({ name }: Listed) => `${name}.${domain}`
      const a = (pod: Listed, name: string): Answer => ({ type: "A", name, ttl, data: pod.address })
      const srv = (pod: Listed, name: string): Answer => ({
        type: "SRV",
        name,
        ttl,
        data: { port, target: hostOf(pod) }
      })

      const answer = (query: Packet): Packet => {
        const [question] = query.questions ?? []
        const name = (question?.name ?? "").toLowerCase()
        asked.push(name)
        const base = { id: query.id ?? 0, type: "response", questions: query.questions ?? [] } as const
        const reply = (answers: ReadonlyArray<Answer>, additionals: ReadonlyArray<Answer> = []): Packet => ({
          ...base,
          flags: 0x0580,
          answers: [...answers],
          additionals: [...additionals]
        })
        const own = pods.find((pod) => hostOf(pod) === name)
        const wanted = question?.type
        if (own !== undefined) return reply(wanted === "A" ? [a(own, name)] : [])
        if (pods.length > 0 && name === domain) return reply(wanted === "A" ? pods.map((pod) => a(pod, name)) : [])
        if (pods.length > 0 && name === `_gc._tcp.${domain}`) {
          if (wanted !== "SRV") return reply([])
          const additionals = pods.map((pod) => a(pod, hostOf(pod)))
          return reply(
            pods.map((pod) => srv(pod, name)),
            additionals
          )
        }
        return { ...base, flags: 0x0583 }
      }

      socket.on("message", (bytes, { address: client, port: clientPort }) => {
        socket.send(encode(answer(decode(bytes))), clientPort, client)
        for (const look of waiting) look()
      })
      socket.once("error", (error) => resume(Effect.fail(error as unknown as { readonly code: string })))
      socket.bind(53, address, () =>
        resume(
          Effect.succeed({
            asked,
            list: (listed) => (pods = listed),
            untilAsked: (name) =>
              Effect.callback<void>((done) => {
                const look = () => {
                  if (asked.includes(name)) done(Effect.void)
                }
                waiting.add(look)
                look()
                return Effect.sync(() => waiting.delete(look))
              }),
            close: () => socket.close()
          })
        )
      )
    }),
    ({ close }) => Effect.sync(close)
  )
