/**
 * What the targets of links ask for, from the measurements of one run.
 */
import { median, ratioOf } from "../report/statistics.ts"
import type { Measurement, Ratio, Target } from "../section.ts"

const atLeast = (bound: number): Target => ({ op: ">=", bound })
const atMost = (bound: number): Target => ({ op: "<=", bound })

const plain = "like for like: plain TCP, length-prefixed; gc also gives credit, heartbeats and says who sent it"
const secured = "like for like: both TLS 1.3 with a pre-shared key"
const overWs = "like for like: plain WebSocket, no compression; gc frames its messages inside"
const moleculer = "not alike: Moleculer serialises JSON, and neither encrypts"
const libp2p = "not alike: libp2p encrypts (noise) and gc's stream here is plain"
const libp2pSecured = "alike in kind: both encrypt, libp2p by noise in JavaScript, gc by TLS 1.3"
const rpc = "not alike: effect/rpc answers every call and encodes by a schema"
const typed = "the same link: what JSON and the schema cost"

/** Finds measurements by what, contestant and unit. */
const finder = (measurements: ReadonlyArray<Measurement>) => (what: string, contestant: string, unit: string) =>
  measurements.find((one) => one.what === what && one.contestant === contestant && one.unit === unit)

const sizes = ["64 B", "1 KiB", "16 KiB", "256 KiB"] as const

/** The raw contestant that moved most at a size. */
const bestRaw = (measurements: ReadonlyArray<Measurement>, what: string): Measurement | undefined =>
  measurements
    .filter((one) => one.what === what && one.unit === "MB/s" && ["write", "cork", "slab"].includes(one.contestant))
    .toSorted((a, b) => median(b.samples) - median(a.samples))[0]

/** The ratios of links, those with targets first. */
export const linkRatios = (measurements: ReadonlyArray<Measurement>): ReadonlyArray<Ratio> => {
  const find = finder(measurements)
  const pace = (size: string, contestant: string) => find(`one way, ${size}`, contestant, "messages/s")
  const compare = (
    size: string,
    of: string,
    to: string,
    likeForLike: string,
    target?: Target,
    required?: Target
  ): Array<Ratio> =>
    ratioOf(pace(size, of), pace(size, to), {
      what: `one way, ${size}: messages/s`,
      likeForLike,
      ...(target === undefined ? {} : { target }),
      ...(required === undefined ? {} : { required })
    })
  const large = (size: string) => {
    const what = `one way, ${size}`
    const text = { what: `${what}: MB/s, the best of raw`, likeForLike: plain, target: atLeast(0.85) }
    return ratioOf(find(what, "gc-tcp-batch", "MB/s"), bestRaw(measurements, what), text)
  }
  const pings = (of: string, to: string, likeForLike: string, target: Target) =>
    ratioOf(find("ping-pong 64 B, p50", of, "µs"), find("ping-pong 64 B, p50", to, "µs"), {
      what: "ping-pong 64 B, p50",
      likeForLike,
      target
    })
  const calls = (to: string, likeForLike: string, target: Target, required?: Target) =>
    ratioOf(
      find("100 requests at a time", "gc-tcp-send", "requests/s"),
      find("100 requests at a time", to, "requests/s"),
      { what: "100 requests at a time", likeForLike, target, ...(required === undefined ? {} : { required }) }
    )
  const rivals = (rival: string, likeForLike: string) =>
    sizes.flatMap((size) => [
      ...compare(size, "gc-tcp-batch", rival, likeForLike, atLeast(size === "64 B" ? 10 : 1)),
      ...compare(size, "gc-tcp-send", rival, likeForLike, atLeast(size === "64 B" ? 10 : 1))
    ])
  return [
    ...compare("64 B", "gc-tcp-batch", "slab", plain, atLeast(0.5), atLeast(0.25)),
    ...compare("1 KiB", "gc-tcp-batch", "slab", plain, atLeast(0.5), atLeast(0.25)),
    ...compare("64 B", "gc-tcp-send", "cork", plain, atLeast(0.35)),
    ...compare("1 KiB", "gc-tcp-send", "cork", plain, atLeast(0.5)),
    ...large("16 KiB"),
    ...large("256 KiB"),
    ...["1 KiB", "16 KiB", "256 KiB"].flatMap((size) =>
      compare(size, "gc-psk-batch", "slab-tls", secured, atLeast(0.8))
    ),
    ...sizes.flatMap((size) => compare(size, "gc-ws-send", "ws-send", overWs, atLeast(1))),
    ...compare("64 B", "gc-ws-batch", "ws-send", overWs, atLeast(3)),
    ...pings("gc-tcp-send", "write", plain, atMost(1.3)),
    ...pings("gc-tcp-send", "moleculer", moleculer, atMost(1)),
    ...pings("gc-tcp-send", "libp2p", libp2p, atMost(1)),
    ...calls("slab", plain, atLeast(0.5), atLeast(0.3)),
    ...calls("moleculer", moleculer, atLeast(1)),
    ...calls("libp2p", libp2p, atLeast(1)),
    ...rivals("moleculer", moleculer),
    ...rivals("libp2p", libp2p),
    ...sizes.flatMap((size) =>
      compare(size, "gc-psk-batch", "libp2p", libp2pSecured, atLeast(size === "64 B" ? 10 : 1))
    ),
    ...sizes.flatMap((size) => compare(size, "gc-tcp-send", "effect-rpc", rpc)),
    ...sizes.flatMap((size) => compare(size, "gc-tcp-typed", "gc-tcp-send", typed))
  ]
}
