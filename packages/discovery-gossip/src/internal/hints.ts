import type { RunSettings, Settings } from "./settings.ts"

/** What came instead of beacons for this node, by the reason why it counts for nothing. */
const instead: Readonly<Record<string, string>> = {
  cluster: "beacons of another cluster",
  tag: "beacons made with another cookie",
  label: "beacons made with a cookie whose label is not known here",
  suite: "beacons of nodes with a cookie where this one has none, or without one where it has",
  skew: "beacons whose time is more than 30 s off",
  secret: "heartbeats with another secret, or without one",
  name: "beacons of nodes of this node's name, or of one that cannot be"
}

/** What to say when nothing was heard for so long. @internal */
export const silence = (
  { announce, bindTo, broadcast, port, target }: RunSettings,
  millis: number,
  codes: ReadonlyArray<string>,
  junk: ReadonlySet<string>
): string => {
  const what = broadcast ? "broadcast" : "multicast"
  const to = target ?? "the interfaces' broadcast addresses"
  const came = [...junk].flatMap((reason) => instead[reason] ?? [])
  if (!announce && came.length > 0) {
    const where = `${what} to ${to} port ${port} gets through`
    return `no node of this cluster was heard for ${seconds(millis)}, but ${came.join(", ")}: ${where}, and the configuration is another one`
  }
  const seen = codes.length === 0 ? "" : `; sending fails with ${[...new Set(codes)].join(", ")}`
  const bound = /^(0\.0\.0\.0|::)$/.test(bindTo) ? "" : `ifAddr ${bindTo} (on Linux it must be 0.0.0.0 or ::), `
  const other = broadcast ? "" : "broadcastOnly: true, or "
  const cause = announce
    ? `, not even this node's own beacons${seen}. Most likely`
    : ", and this node only listens: nobody announces itself there, or"
  return (
    `nothing was heard for ${seconds(millis)}${cause} ${what} to ${to} port ${port} does not get through: ` +
    `clouds, container networks and VPNs drop it. ` +
    `Check ${bound}multicastIf, the route (ip route get ${target ?? "<address>"}), the firewall for UDP ${port}; ` +
    `or use ${other}another discovery (static, DNS)`
  )
}

const seconds = (millis: number): string => `${Math.floor(millis / 1_000)} s`

/** What to say when there is no way out. @internal */
export const noNetwork = ({ target }: Settings, problems: ReadonlyArray<string>): string => {
  const why = problems.length === 0 ? "there is no interface" : problems.slice(0, 8).join(", ")
  return `no network for ${target ?? "broadcasts"} yet (${why}); it is tried again`
}
