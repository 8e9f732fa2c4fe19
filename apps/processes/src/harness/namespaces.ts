/**
 * Network namespaces of Linux: a network of a scenario's own, where packets can be lost. Nothing of it touches the machine's
 * own network: the bridge lives in a namespace too.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { run } from "./commands.ts"
import type { HarnessError, Seat } from "./seats.ts"

/** Addresses of nodes: there is nobody else in these namespaces. */
const subnet = "10.213.0"

const port = 4370

const prefix = "gc-processes"

/** The program of iproute2. */
const ip = "ip"

let made = 0

const inside = (namespace: string): ReadonlyArray<string> => [ip, "netns", "exec", namespace]

const batch = (args: ReadonlyArray<string>, lines: ReadonlyArray<string>): Effect.Effect<void, HarnessError> =>
  Effect.asVoid(run(ip, [...args, "-batch", "-"], `${lines.join("\n")}\n`))

/** Those whose harness was killed before it could remove them. */
const stale: Effect.Effect<ReadonlyArray<string>, HarnessError> = Effect.map(run(ip, ["netns", "list"]), (listed) =>
  listed
    .split("\n")
    .map((line) => line.split(" ", 1)[0] ?? "")
    .filter((name) => name.startsWith(`${prefix}-`) && !existsSync(`/proc/${name.split("-")[2]}`))
)

const remove = (names: ReadonlyArray<string>): void => {
  spawnSync(ip, ["-force", "-batch", "-"], { input: names.map((name) => `netns del ${name}\n`).join("") })
}

/** So many namespaces for as long as the scope is open, and whatever else ends this process. */
const namespaces = (count: number): Effect.Effect<ReadonlyArray<string>, HarnessError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.gen(function* () {
      remove(yield* stale)
      const group = ++made
      const names = Array.from({ length: count }, (_, index) => `${prefix}-${process.pid}-${group}-${index}`)
      const lastResort = () => remove(names)
      process.on("exit", lastResort)
      yield* batch(
        [],
        names.map((name) => `netns add ${name}`)
      ).pipe(Effect.onError(() => Effect.sync(lastResort)))
      return { names, lastResort }
    }),
    ({ lastResort }) =>
      Effect.sync(() => {
        lastResort()
        process.off("exit", lastResort)
      })
  ).pipe(Effect.map(({ names }) => names))

/** A namespace with nothing but its own loopback. */
export interface Cell {
  readonly prefix: ReadonlyArray<string>
  /** Bytes that have passed its loopback so far, headers included. */
  readonly bytes: Effect.Effect<number, HarnessError>
}

/** A namespace with nothing but its own loopback, so that all traffic that passes there is the scenario's. */
export const makeCell: Effect.Effect<Cell, HarnessError, Scope.Scope> = Effect.gen(function* () {
  const [name = ""] = yield* namespaces(1)
  yield* run(ip, ["-n", name, "link", "set", "lo", "up"])
  const [command = "", ...args] = inside(name)
  return {
    prefix: inside(name),
    bytes: Effect.map(run(command, [...args, "cat", "/proc/net/dev"]), (text) =>
      Number(/^ *lo: *(\d+)/m.exec(text)?.[1] ?? Number.NaN)
    )
  }
})

/** Nodes with a namespace each, on one bridge, and what befalls the packets between them. */
export interface Network {
  readonly seats: ReadonlyArray<Seat>
  /** Drops every packet to and from a seat. */
  readonly cut: (seat: Seat) => Effect.Effect<void, HarnessError>
  /** Drops every packet from one seat to another, and none of the other direction. */
  readonly oneWay: (from: Seat, to: Seat) => Effect.Effect<void, HarnessError>
  /** Drops every packet between the seats of two groups. */
  readonly part: (left: ReadonlyArray<Seat>, right: ReadonlyArray<Seat>) => Effect.Effect<void, HarnessError>
  /** Resets every connection of a seat. */
  readonly sever: (seat: Seat) => Effect.Effect<void, HarnessError>
  /** Drops so great a part of all packets. */
  readonly lose: (part: number) => Effect.Effect<void, HarnessError>
  /** Drops what others send to a UDP port of a seat: it hears itself and nobody else. */
  readonly deafen: (seat: Seat, port: number) => Effect.Effect<void, HarnessError>
  /** Lets every packet to and from a seat through again. */
  readonly heal: (seat: Seat) => Effect.Effect<void, HarnessError>
}

/** A network for so many nodes. */
export const makeNetwork = Effect.fnUntraced(function* (
  count: number
): Effect.fn.Return<Network, HarnessError, Scope.Scope> {
  const [hub = "", ...rooms] = yield* namespaces(count + 1)
  yield* batch(
    ["-n", hub],
    [
      "link add br0 type bridge forward_delay 0",
      "link set br0 up",
      ...rooms.flatMap((room, index) => [
        `link add p${index} type veth peer name eth0 netns ${room}`,
        `link set p${index} master br0 up`
      ])
    ]
  )
  const host = (index: number) => `${subnet}.${index + 1}`
  for (const [index, room] of rooms.entries()) {
    yield* batch(["-n", room], [`addr add ${host(index)}/24 dev eth0`, "link set eth0 up", "link set lo up"])
  }
  const seats = rooms.map((room, index): Seat => ({
    name: `n${index + 1}@${host(index)}`,
    host: host(index),
    port,
    prefix: inside(room)
  }))
  const at = ({ prefix: [command = "", ...args] }: Seat, program: ReadonlyArray<string>, input?: string) =>
    Effect.asVoid(run(command, [...args, ...program], input))
  const rules = (seat: Seat, lines: ReadonlyArray<string>) =>
    at(seat, ["iptables-restore", "--noflush"], ["*filter", ...lines, "COMMIT", ""].join("\n"))
  const shun = (seat: Seat, others: ReadonlyArray<Seat>) =>
    rules(
      seat,
      others.map((other) => `-A INPUT -i eth0 -s ${other.host} -j DROP`)
    )
  return {
    seats,
    cut: (seat) => rules(seat, ["-A INPUT -i eth0 -j DROP", "-A OUTPUT -o eth0 -j DROP"]),
    oneWay: (from, to) => shun(to, [from]),
    part: (left, right) =>
      Effect.andThen(
        Effect.forEach(left, (seat) => shun(seat, right), { discard: true }),
        Effect.forEach(right, (seat) => shun(seat, left), { discard: true })
      ),
    sever: (seat) => at(seat, ["ss", "--kill", "--tcp", "state", "established"]),
    lose: (part) =>
      Effect.forEach(
        seats,
        (seat) => rules(seat, [`-A INPUT -i eth0 -m statistic --mode random --probability ${part} -j DROP`]),
        { discard: true }
      ),
    deafen: (seat, udpPort) => rules(seat, [`-A INPUT -i eth0 -p udp --dport ${udpPort} ! -s ${seat.host} -j DROP`]),
    heal: (seat) => rules(seat, ["-F INPUT", "-F OUTPUT"])
  }
})

/** Why this machine allows no such network; `undefined` when it does. */
export const unavailable: Effect.Effect<string | undefined> = Effect.suspend(() => {
  if (process.platform !== "linux") return Effect.succeed("network namespaces are of Linux")
  if (process.getuid?.() !== 0) return Effect.succeed("network namespaces need root")
  return Effect.scoped(
    Effect.gen(function* () {
      const { lose } = yield* makeNetwork(1)
      yield* lose(0.5)
    })
  ).pipe(
    Effect.as(undefined),
    Effect.catch((error) => Effect.succeed(error.message))
  )
})
