import type { NetworkInterfaceInfo } from "node:os"
import { broadcastOf } from "./ip.ts"
import type { Settings } from "./settings.ts"

/** One way out: an interface, or whichever the routing table says. @internal */
export interface Egress {
  /** For logs, and to tell whether it is still there. */
  readonly key: string
  /** The interface as `addMembership` and `setMulticastInterface` want it; `undefined` for the routing table's choice. */
  readonly via: string | undefined
  /** What the sending socket is bound to. */
  readonly bindTo: string
  readonly target: string
}

type Interfaces = Readonly<Record<string, ReadonlyArray<NetworkInterfaceInfo> | undefined>>

/** The ways out that there are now, and what was asked for and is not there. @internal */
export const egresses = (
  settings: Settings,
  interfaces: Interfaces
): { readonly found: ReadonlyArray<Egress>; readonly missing: ReadonlyArray<string> } => {
  const { broadcast, family, target } = settings
  const any = family === "IPv6" ? "::" : "0.0.0.0"
  if (settings.interfaces === undefined && target !== undefined) {
    return { found: [{ key: "the routing table's choice", via: undefined, bindTo: any, target }], missing: [] }
  }
  const all = Object.entries(interfaces).flatMap(([name, infos = []]) =>
    infos.filter((info) => info.family === family).map((info) => ({ name, info }))
  )
  const wanted = settings.interfaces ?? "all"
  const external = all.filter(({ info }) => !info.internal)
  const chosen =
    wanted === "all"
      ? external.length > 0
        ? external
        : all
      : all.filter(({ info, name }) => wanted.includes(name) || wanted.includes(info.address))
  const missing =
    wanted === "all"
      ? []
      : wanted.filter((each) => !all.some(({ info, name }) => each === name || each === info.address))
  const found = new Map<string, Egress>()
  const named = new Set<string>()
  for (const { info, name } of chosen) {
    if (family === "IPv6") {
      const via = `::%${name}`
      found.set(via, { key: name, via, bindTo: any, target: `${target}%${name}` })
    } else if (!broadcast && named.has(name) && !(Array.isArray(wanted) && wanted.includes(info.address))) {
      continue
    } else {
      const { address, netmask } = info
      const to = target ?? broadcastOf(address, netmask)
      named.add(name)
      found.set(address, { key: `${name} (${address})`, via: address, bindTo: address, target: to })
    }
  }
  return { found: [...found.values()].slice(0, 32), missing }
}
