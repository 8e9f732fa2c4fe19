import * as Effect from "effect/Effect"
import { randomBytes } from "node:crypto"
import { createSocket, type Socket } from "node:dgram"
import { networkInterfaces, type NetworkInterfaceInfo } from "node:os"
import { failed, type Finding, messageOf, ok } from "./finding.ts"

/** The settings of the source `gossip` that say where its beacons go. */
export interface Settings {
  readonly port?: number | undefined
  readonly ifAddr?: string | undefined
  readonly multicastAddr?: string | undefined
  readonly multicastTtl?: number | undefined
  readonly multicastIf?: string | ReadonlyArray<string> | undefined
  readonly broadcastOnly?: boolean | undefined
}

/** The defaults of the source `gossip`. */
const defaults = { port: 45_892, group: "230.1.1.251" }

/** A probe is sent this often, so that one lost packet is no verdict. */
const tries = 3
const pause = 150
const patience = 600

/** The most interfaces that are tried. */
const maxWays = 32

/** One interface that beacons would take, or (`via` undefined) what the routing table says. */
interface Way {
  readonly name: string
  readonly via: string | undefined
  readonly bindTo: string
  readonly target: string
}

interface Plan {
  readonly family: "IPv4" | "IPv6"
  readonly port: number
  readonly bindTo: string
  readonly group: string | undefined
  readonly broadcast: boolean
  readonly ttl: number
  readonly ways: ReadonlyArray<Way>
  readonly missing: ReadonlyArray<string>
}

interface Interface {
  readonly name: string
  readonly info: NetworkInterfaceInfo
}

const broadcastOf = ({ address, netmask }: NetworkInterfaceInfo): string => {
  const mask = netmask.split(".").map(Number)
  return address
    .split(".")
    .map((part, index) => Number(part) | (~(mask[index] ?? 255) & 255))
    .join(".")
}

const chosen = (all: ReadonlyArray<Interface>, wanted: ReadonlyArray<string> | "all"): ReadonlyArray<Interface> => {
  if (wanted !== "all") return all.filter(({ info, name }) => wanted.includes(name) || wanted.includes(info.address))
  const external = all.filter(({ info }) => !info.internal)
  return external.length > 0 ? external : all
}

const wantedOf = (settings: Settings, zone: string | undefined): ReadonlyArray<string> | "all" | undefined => {
  const { broadcastOnly = false, multicastIf } = settings
  if (multicastIf === "all") return "all"
  if (multicastIf !== undefined) return typeof multicastIf === "string" ? [multicastIf] : multicastIf
  if (zone !== undefined) return [zone]
  return broadcastOnly ? "all" : undefined
}

/** Where the source's beacons would go, by the source's own rules. */
const planOf = (settings: Settings): Plan => {
  const { broadcastOnly: broadcast = false } = settings
  const [group, zone] = (settings.multicastAddr ?? (broadcast ? "" : defaults.group)).split("%")
  const family = group?.includes(":") === true ? "IPv6" : "IPv4"
  const any = family === "IPv6" ? "::" : "0.0.0.0"
  const plan = {
    family,
    port: settings.port ?? defaults.port,
    bindTo: settings.ifAddr ?? any,
    group: group === "" ? undefined : group,
    broadcast,
    ttl: settings.multicastTtl ?? 1,
    missing: []
  } as const
  const wanted = wantedOf(settings, zone)
  if (wanted === undefined && plan.group !== undefined) {
    return { ...plan, ways: [{ name: "the routing table's choice", via: undefined, bindTo: any, target: plan.group }] }
  }
  const all = Object.entries(networkInterfaces()).flatMap(([name, infos = []]) =>
    infos.filter((info) => info.family === family).map((info): Interface => ({ name, info }))
  )
  const ways = new Map<string, Way>()
  for (const { info, name } of chosen(all, wanted ?? "all")) {
    if (family === "IPv6") ways.set(name, { name, via: `::%${name}`, bindTo: any, target: `${plan.group}%${name}` })
    else if (broadcast || !ways.has(name)) {
      const { address } = info
      const target = plan.group ?? broadcastOf(info)
      ways.set(broadcast ? address : name, { name: `${name} (${address})`, via: address, bindTo: address, target })
    }
  }
  const isThere = (wish: string) => all.some(({ info, name }) => name === wish || info.address === wish)
  const missing = typeof wanted === "object" ? wanted.filter((wish) => !isThere(wish)) : []
  return { ...plan, ways: [...ways.values()].slice(0, maxWays), missing }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : messageOf(error)

const socketOf = ({ family }: Plan, shared: boolean): Socket =>
  family === "IPv6"
    ? createSocket({ type: "udp6", reuseAddr: shared, ipv6Only: true })
    : createSocket({ type: "udp4", reuseAddr: shared })

/** A bound socket for as long as the scope is open; fails with what went wrong. */
const opened = (make: () => Socket, port: number, address: string) =>
  Effect.acquireRelease(Effect.sync(make), (socket) => Effect.sync(() => socket.close())).pipe(
    Effect.tap((socket) =>
      Effect.callback<void, string>((resume) => {
        socket.once("error", (error) => resume(Effect.fail(codeOf(error))))
        socket.bind({ address, port }, () => {
          socket.removeAllListeners("error").on("error", () => {})
          resume(Effect.void)
        })
      })
    )
  )

/** Neither a beacon of gc nor a heartbeat of libcluster, with a secret neither: its length is no multiple of 16. */
const probe = (): Buffer => Buffer.from(`gcluster doctor ${randomBytes(9).toString("hex")}`)

const prepare = (plan: Plan, { via }: Way, socket: Socket): void => {
  if (plan.broadcast) return socket.setBroadcast(true)
  if (via !== undefined) socket.setMulticastInterface(via)
  socket.setMulticastTTL(plan.ttl)
  socket.setMulticastLoopback(true)
}

const join = (plan: Plan, { via }: Way, receiver: Socket): void => {
  if (plan.broadcast || plan.group === undefined) return
  if (via === undefined) receiver.addMembership(plan.group)
  else receiver.addMembership(plan.group, via)
}

const send = (socket: Socket, bytes: Buffer, port: number, target: string) =>
  Effect.callback<void, string>((resume) =>
    socket.send(bytes, port, target, (error) => resume(error === null ? Effect.void : Effect.fail(codeOf(error))))
  )

/** Sends a probe one way and waits until it comes back; fails with why it does not. */
const tryWay = Effect.fnUntraced(function* (plan: Plan, way: Way) {
  const bytes = probe()
  const receiver = yield* opened(() => socketOf(plan, true), plan.port, plan.bindTo)
  const attempt = (action: () => void) => Effect.try({ try: action, catch: codeOf })
  yield* attempt(() => join(plan, way, receiver))
  const sender = yield* opened(() => socketOf(plan, false), 0, way.bindTo)
  yield* attempt(() => prepare(plan, way, sender))
  const heard = Effect.callback<boolean>((resume) => {
    const listen = (packet: Buffer) => {
      if (packet.equals(bytes)) resume(Effect.succeed(true))
    }
    receiver.on("message", listen)
    return Effect.sync(() => receiver.off("message", listen))
  })
  const sending = Effect.gen(function* () {
    for (let number = 0; number < tries; number++) {
      yield* send(sender, bytes, plan.port, way.target)
      yield* Effect.sleep(pause)
    }
    yield* Effect.sleep(patience)
    return false
  })
  return yield* Effect.raceFirst(heard, sending)
})

const remedies = ({ broadcast, group, port }: Plan): string => {
  const other = broadcast ? "" : '"broadcastOnly": true, or '
  return (
    `check the option multicastIf, the route (ip route get ${group ?? "<address>"}) and the firewall for UDP ${port}; ` +
    `where multicast is dropped, as in most clouds, take ${other}another discovery (static, dns)`
  )
}

/** Whether this machine hands the beacons of the source `gossip` back to itself, on each interface that they would take. */
export const checkMulticast = (settings: Settings): Effect.Effect<ReadonlyArray<Finding>> => {
  const plan = planOf(settings)
  const what = plan.broadcast ? "broadcast" : "multicast"
  const at = (target: string) => `${target.includes(":") ? `[${target}]` : target}:${plan.port}`
  const missing = plan.missing.map((name) =>
    failed(
      "multicast",
      name,
      "no_interface",
      `this machine has no interface ${name}`,
      "correct the option multicastIf (ip address)"
    )
  )
  if (plan.ways.length === 0 && missing.length === 0) {
    const detail = `no interface has an ${plan.family} address`
    return Effect.succeed([failed("multicast", "", "no_interface", detail, "bring the network up (ip address)")])
  }
  return Effect.forEach(plan.ways, (way) => {
    const about = `${at(way.target)} by ${way.name}`
    return Effect.scoped(tryWay(plan, way)).pipe(
      Effect.match({
        onFailure: (code) =>
          failed(
            "multicast",
            about,
            "no_multicast",
            `a probe cannot be sent or listened for (${code})`,
            remedies(plan)
          ),
        onSuccess: (heard) =>
          heard
            ? ok("multicast", about, `this machine hears its own ${what}`)
            : failed("multicast", about, "no_multicast", `this machine does not hear its own ${what}`, remedies(plan))
      })
    )
  }).pipe(Effect.map((findings) => [...missing, ...findings]))
}
