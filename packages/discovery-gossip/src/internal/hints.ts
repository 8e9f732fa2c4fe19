import type { Settings } from "./settings.ts"

/** What to say when nothing at all is heard. @internal */
export const silence = (
  { bindTo, broadcast, lifetime, port, target }: Settings,
  codes: ReadonlyArray<string>
): string => {
  const what = broadcast ? "broadcast" : "multicast"
  const to = target ?? "the interfaces' broadcast addresses"
  const seen = codes.length === 0 ? "" : `; sending fails with ${[...new Set(codes)].join(", ")}`
  const bound = /^(0\.0\.0\.0|::)$/.test(bindTo) ? "" : `ifAddr ${bindTo} (on Linux it must be 0.0.0.0 or ::), `
  const instead = broadcast ? "" : "broadcastOnly: true, or "
  return (
    `nothing was heard for ${Math.round(lifetime / 1_000)} s, not even this node's own beacons${seen}. ` +
    `Most likely ${what} to ${to} port ${port} does not get through: clouds, container networks and VPNs drop it. ` +
    `Check ${bound}multicastIf, the route (ip route get ${target ?? "<address>"}), the firewall for UDP ${port}; ` +
    `or use ${instead}another discovery (static, DNS)`
  )
}

/** What to say when there is no way out. @internal */
export const noNetwork = ({ target }: Settings, problems: ReadonlyArray<string>): string => {
  const why = problems.length === 0 ? "there is no interface" : problems.slice(0, 8).join(", ")
  return `no network for ${target ?? "broadcasts"} yet (${why}); it is tried again`
}
