import type { Configuration } from "@gc/core/Configuration"
import type { DiscoveryCode } from "@gc/core/Discovery"
import { type Settings as EpmdSettings, servesItself } from "./epmd.ts"
import { failed, type Finding, ok, warning } from "./finding.ts"
import { countOf } from "./peers.ts"
import type { Seen } from "./sources.ts"

const stepEpmd = "see the step epmd"

/** What to do, by the code of a source's error. */
const remedies: ReadonlyMap<DiscoveryCode, string> = new Map<DiscoveryCode, string>([
  ["servfail", "see the log of that name server, and whether it reaches the servers of the zone"],
  ["dns_refused", "name a server that serves this name (discovery.dns.servers)"],
  ["wrong_cookie", "give all nodes the same cookie: compare cookie and cookieFile"],
  ["other_cluster", "give all nodes the same option cluster, or this cluster another port or group"],
  ["wrong_clock", "set the clocks of all machines (NTP)"],
  ["no_cookie", "give the cluster a cookie (option cookie or cookieFile)"],
  ["no_multicast", "see the step multicast, or take another discovery (static, dns)"],
  ["epmd_not_running", stepEpmd],
  ["epmd_unreachable", stepEpmd],
  ["unreachable", "start what it asks, let this machine through to it, or correct the entry of this source"],
  ["option_wrong", "correct the entry of this source"]
])

/** Of silence the key tells who was silent. */
const silent: ReadonlyMap<string, string> = new Map([
  ["dns", "let DNS through to the server, or name another one (discovery.dns.servers)"],
  ["epmd", stepEpmd]
])

const remedyOf = (key: string, code: DiscoveryCode | undefined): string =>
  (code === "no_answer" ? silent.get(key) : remedies.get(code ?? "")) ?? "see its message"

/** Whether it told whom it knows. One that only listens and heard nobody did not. */
export const answers = ({ error, listens, peers = [] }: Pick<Seen, "error" | "listens" | "peers">): boolean =>
  error === undefined && (!listens || peers.length > 0)

/** What a source's answer means for a node. */
export const verdictOn = ({ discoveries }: Pick<Configuration, "discoveries">, seen: Seen): Finding => {
  const { code, error, key, peers = [], source } = seen
  if (answers(seen)) {
    if (peers.length === 0) return ok("discovery", source, "it answers, and names nobody")
    return ok("discovery", source, `it names ${countOf(peers.length)}`)
  }
  if (error === undefined || code === "nobody_heard") {
    const remedy = "start another node; if one runs, see that multicast gets from its machine to this one"
    return warning("discovery", source, "nobody_heard", "nobody was heard", remedy)
  }
  const { settings = {} } = discoveries.find((each) => each.key === key) ?? {}
  const host = source.slice("epmd:".length)
  if (key === "epmd" && code === "epmd_not_running" && servesItself(settings as EpmdSettings, host)) {
    return warning("discovery", source, code, "there is no epmd on this host yet", stepEpmd)
  }
  const detail = error.replace(`discovery ${source}: `, "")
  return failed("discovery", source, code ?? "source_failed", detail, remedyOf(key, code))
}
