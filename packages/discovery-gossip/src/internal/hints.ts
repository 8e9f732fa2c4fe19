import type { DiscoveryCode } from "@gc/core/Discovery"
import type { RunSettings, Settings } from "./settings.ts"

/** Why nothing is known: in words, and in one for programs. @internal */
export interface Why {
  readonly detail: string
  readonly code: DiscoveryCode
}

/** What came instead of beacons for this node, by the reason why it counts for nothing; the first that came gives the word. */
const instead: ReadonlyArray<readonly [reason: string, code: DiscoveryCode, what: string]> = [
  ["tag", "wrong_cookie", "beacons made with another cookie"],
  ["label", "wrong_cookie", "beacons made with a cookie whose label is not known here"],
  ["suite", "wrong_cookie", "beacons of nodes with a cookie where this one has none, or without one where it has"],
  ["secret", "wrong_cookie", "heartbeats with another secret, or without one"],
  ["skew", "wrong_clock", "beacons whose time is more than 30 s off"],
  ["name", "wrong_name", "beacons of nodes of this node's name, or of one that cannot be"],
  ["cluster", "other_cluster", "beacons of another cluster"]
]

/** What to say when nothing was heard for so long. @internal */
export const silence = (
  { announce, bindTo, broadcast, port, target }: RunSettings,
  millis: number,
  codes: ReadonlyArray<string>,
  junk: ReadonlySet<string>
): Why => {
  const what = broadcast ? "broadcast" : "multicast"
  const to = target ?? "the interfaces' broadcast addresses"
  const came = instead.filter(([reason]) => junk.has(reason))
  const [[, code] = []] = came
  if (!announce && code !== undefined) {
    const where = `${what} to ${to} port ${port} gets through`
    const all = came.map(([, , text]) => text).join(", ")
    const detail = `no node of this cluster was heard for ${seconds(millis)}, but ${all}: ${where}, and the configuration is another one`
    return { detail, code }
  }
  const seen = codes.length === 0 ? "" : `; sending fails with ${[...new Set(codes)].join(", ")}`
  const bound = /^(0\.0\.0\.0|::)$/.test(bindTo) ? "" : `ifAddr ${bindTo} (on Linux it must be 0.0.0.0 or ::), `
  const other = broadcast ? "" : "broadcastOnly: true, or "
  const cause = announce
    ? `, not even this node's own beacons${seen}. Most likely`
    : ", and this node only listens: nobody announces itself there, or"
  const detail =
    `nothing was heard for ${seconds(millis)}${cause} ${what} to ${to} port ${port} does not get through: ` +
    `clouds, container networks and VPNs drop it. ` +
    `Check ${bound}multicastIf, the route (ip route get ${target ?? "<address>"}), the firewall for UDP ${port}; ` +
    `or use ${other}another discovery (static, DNS)`
  return { detail, code: announce ? "no_multicast" : "nobody_heard" }
}

const seconds = (millis: number): string => `${Math.floor(millis / 1_000)} s`

/** What to say when there is no way out. @internal */
export const noNetwork = ({ target }: Settings, problems: ReadonlyArray<string>): Why => {
  const why = problems.length === 0 ? "there is no interface" : problems.slice(0, 8).join(", ")
  return { detail: `no network for ${target ?? "broadcasts"} yet (${why}); it is tried again`, code: "no_multicast" }
}
