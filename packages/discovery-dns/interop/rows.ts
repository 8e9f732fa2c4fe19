import type { Look, Seen } from "./clients.ts"
import { origin, type Zone } from "./lab.ts"

const v4 = (count: number) => Array.from({ length: count }, (_, index) => `10.1.${index >> 8}.${index & 255}`)
const v6 = (count: number) => Array.from({ length: count }, (_, index) => `fd00::${(index + 1).toString(16)}`)

const hosts = {
  one: v4(1),
  three: v4(3),
  fifty: v4(50),
  many: v4(300),
  six: v6(3),
  six300: v6(300),
  dual: [...v4(2), ...v6(2)],
  "pod-1.web": ["10.2.0.1"],
  "pod-2.web": ["10.2.0.2"],
  "pod-3.web": ["10.2.0.3"],
  ...Object.fromEntries(v4(300).map((address, index) => [`pod-${index}.big`, [address]]))
}

const pods = [1, 2, 3].map((pod) => [`pod-${pod}.web`, 4370 + pod] as const)
const bigPods = v4(300).map((_, pod) => [`pod-${pod}.big`, 4370] as const)

/** Aliases from one name to another: so many until an address. */
const chain = (length: number) =>
  Object.fromEntries(
    Array.from({ length }, (_, index) => [
      `n${length}-${index}`,
      index + 1 < length ? `n${length}-${index + 1}` : "three"
    ])
  )

/** The zone of most rows. */
export const zone: Zone = {
  hosts,
  ttl: 30,
  aliases: { alias: "three", ...chain(4) },
  services: { "_gc._tcp.web": pods, "_gc._tcp.big": bigPods, "_gc._tcp.off": [[".", 0]] }
}

/** What is asked, and what must be seen. */
export interface Row {
  readonly what: string
  readonly look: Look
  readonly expected: Seen
  /** How many questions the server must have got; where it is not said, that does not matter. */
  readonly questions?: number
  /** The servers that the row holds for; both unless said. */
  readonly only?: "named" | "dnsmasq"
  /** Over a way where TCP is closed. */
  readonly withoutTcp?: true
  /** Who sees something else here, so that the row can tell it from this package. */
  readonly tells?: ReadonlyArray<"node" | "naive" | "questions">
}

const at = (all: ReadonlyArray<string>, port = 4370): ReadonlyArray<string> =>
  all.map((host) => `tcp://${host.includes(":") ? `[${host}]` : host}:${port}`).toSorted()

const name = (text: string) => `${text}.${origin}`
const service = { domain: name("_gc._tcp.web"), type: "SRV" } as const
const addressesOfService = ["tcp://10.2.0.1:4371", "tcp://10.2.0.2:4372", "tcp://10.2.0.3:4373"]

/** The rows that both servers answer alike, or of which one is said. */
export const rows: ReadonlyArray<Row> = [
  { what: "1 address, A and AAAA", look: { domain: name("one") }, expected: at(v4(1)), questions: 2 },
  { what: "3 addresses, A", look: { domain: name("three"), type: "A" }, expected: at(v4(3)), questions: 1 },
  { what: "50 addresses, A", look: { domain: name("fifty"), type: "A" }, expected: at(v4(50)), tells: ["naive"] },
  { what: "300 addresses, A", look: { domain: name("many"), type: "A" }, expected: at(v4(300)), tells: ["naive"] },
  {
    what: "300 addresses, AAAA",
    look: { domain: name("six300"), type: "AAAA" },
    expected: at(v6(300)),
    tells: ["naive"]
  },
  {
    what: "300 addresses, no TCP",
    look: { domain: name("many"), type: "A" },
    expected: "failure",
    withoutTcp: true,
    tells: ["naive"]
  },
  { what: "3 addresses, AAAA", look: { domain: name("six"), type: "AAAA" }, expected: at(v6(3)), questions: 1 },
  { what: "AAAA alone, A asked (NODATA)", look: { domain: name("six"), type: "A" }, expected: [] },
  { what: "2 A and 2 AAAA", look: { domain: name("dual") }, expected: at([...v4(2), ...v6(2)]), questions: 2 },
  { what: "an alias (CNAME)", look: { domain: name("alias"), type: "A" }, expected: at(v4(3)) },
  { what: "4 aliases in turn", look: { domain: name("n4-0"), type: "A" }, expected: at(v4(3)) },
  {
    what: "SRV, host names",
    look: service,
    expected: pods.map(([target, port]) => `tcp://${name(target)}:${port}`),
    questions: 1
  },
  {
    what: "SRV, addresses from the additional section",
    look: { ...service, hostType: "ip" },
    expected: addressesOfService,
    questions: 1,
    tells: ["questions"]
  },
  {
    what: "SRV, 300 targets and their addresses",
    look: { domain: name("_gc._tcp.big"), type: "SRV", hostType: "ip" },
    expected: at(v4(300))
  },
  { what: "SRV to . (no service)", look: { domain: name("_gc._tcp.off"), type: "SRV" }, expected: [], tells: ["node"] },
  { what: "no such name (NXDOMAIN)", look: { domain: name("none") }, expected: [] },
  {
    what: "a short name in a search domain, ndots 5",
    look: { domain: "three", type: "A", search: ["none.test", origin], ndots: 5 },
    expected: at(v4(3)),
    tells: ["node"]
  },
  { what: "a zone without data (SERVFAIL)", look: { domain: "web.broken.test" }, expected: "failure", only: "named" },
  {
    what: "a part of the zone that others serve (a referral)",
    look: { domain: name("web.part"), type: "A" },
    expected: "failure",
    only: "named",
    tells: ["node", "naive"]
  },
  { what: "a foreign name (REFUSED)", look: { domain: "web.foreign.test" }, expected: "failure" }
]

/** The rows of a server that leaves the additional section out. */
export const minimalRows: ReadonlyArray<Row> = [
  {
    what: "SRV, no additional section: targets are asked for",
    look: { ...service, hostType: "ip" },
    expected: addressesOfService,
    questions: 7
  }
]

/** Aliases that named serves and gives up on itself. */
export const namedAliases = { ...chain(20), "loop-a": "loop-b", "loop-b": "loop-a" }

/** Rows about aliases without an end. */
export const endlessRows: ReadonlyArray<Row> = [
  { what: "aliases in a circle", look: { domain: name("loop-a"), type: "A" }, expected: "failure" },
  { what: "20 aliases in turn", look: { domain: name("n20-0"), type: "A" }, expected: "failure" }
]
