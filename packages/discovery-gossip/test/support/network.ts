import type { DiscoveryContext } from "@gc/core/Discovery"
import * as Address from "@gc/core/Address"
import * as NodeName from "@gc/core/NodeName"
import { type Beacon, clusterTag, deriveBeaconKey, encodeBeacon } from "@gc/core/protocol"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { createSocket, type Socket } from "node:dgram"

/** Everything here stays on the loopback interface. */
const loopback = "127.0.0.1"

let groups = 0

/** A group and a port that nobody else uses. */
export const freeGroup = Effect.acquireUseRelease(
  Effect.callback<Socket>((resume) => {
    const socket = createSocket("udp4")
    socket.bind(0, loopback, () => resume(Effect.succeed(socket)))
  }),
  (socket) =>
    Effect.sync(() => ({
      port: socket.address().port,
      multicastAddr: `239.255.${process.pid & 255}.${++groups & 255}`,
      multicastIf: loopback
    })),
  (socket) => Effect.sync(() => socket.close())
)

export type Group = Effect.Success<typeof freeGroup>

export interface Tap {
  readonly packets: ReadonlyArray<Uint8Array>
  readonly send: (bytes: Uint8Array) => void
  readonly onPacket: (listen: (bytes: Uint8Array) => void) => void
}

/** A socket in the group, until the scope ends. */
export const tap = (group: Group) =>
  Effect.acquireRelease(
    Effect.callback<Tap & { readonly socket: Socket }>((resume) => {
      const socket = createSocket({ type: "udp4", reuseAddr: true })
      const packets: Array<Uint8Array> = []
      socket.on("message", (bytes) => void packets.push(bytes))
      socket.bind(group.port, () => {
        socket.addMembership(group.multicastAddr, loopback)
        socket.setMulticastInterface(loopback)
        const send = (bytes: Uint8Array): void => socket.send(bytes, group.port, group.multicastAddr)
        const onPacket = (listen: (bytes: Uint8Array) => void): void => void socket.on("message", listen)
        resume(Effect.succeed({ packets, send, onPacket, socket }))
      })
    }),
    ({ socket }) => Effect.sync(() => socket.close())
  )

export const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)

const instanceOf = (name: string): string => Buffer.from(name.padEnd(16, "-")).toString("hex").slice(0, 32)

/** What a source learns of a node of the cluster `test`; by default its cookie is the one that all have. */
export const contextOf = (
  name: string,
  given: { readonly keys?: ReadonlyArray<readonly [label: string, byte: number]>; readonly port?: number } = {}
): DiscoveryContext => {
  const keys = (given.keys ?? [["k0", 1]]).map(([label, byte]) => ({ label, key: Redacted.make(key(byte)) }))
  return {
    self: {
      cluster: "test",
      name: NodeName.make(`${name}@127.0.0.1`),
      instance: instanceOf(name),
      generation: 1_700_000_000_000,
      addresses: [Address.make("tcp", loopback, given.port ?? 4370)]
    },
    key: () => Option.map(Option.fromUndefinedOr(keys[0]), (first) => first.key),
    keys: () => keys
  }
}

let counter = 1_000_000n

/** A beacon of a node that is played. */
export const beaconOf = (
  name: string,
  change: Partial<Beacon> = {},
  by: {
    readonly label?: string
    readonly key?: Uint8Array | undefined
    readonly counter?: bigint
    readonly tag?: string
  } = {}
): Uint8Array => {
  const beacon: Beacon = {
    name: `${name}@127.0.0.1`,
    instance: instanceOf(name),
    generation: 1_700_000_000_000,
    cluster: "test",
    addresses: [`tcp://127.0.0.1:${4400 + name.charCodeAt(0)}`],
    sentAt: Date.now(),
    ...change
  }
  const root = "key" in by ? by.key : key(1)
  return encodeBeacon(beacon, {
    clusterTag: clusterTag(by.tag ?? beacon.cluster),
    label: by.label ?? (root === undefined ? "" : "k0"),
    key: root && deriveBeaconKey(root, beacon.instance),
    counter: by.counter ?? counter++
  })
}
