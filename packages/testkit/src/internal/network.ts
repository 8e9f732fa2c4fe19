import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Address from "@gc/core/Address"
import * as Transport from "@gc/core/Transport"
import type { Options, Route, SimulatedNetwork } from "../SimulatedNetwork.ts"
import type { Endpoint } from "./endpoint.ts"
import { hostClock } from "./hostClock.ts"
import { memoryTransport } from "./memoryTransport.ts"
import { makePaths } from "./paths.ts"
import type { Machine, NetworkEvent, Simulation } from "./simulation.ts"
import { makeTimeline } from "./timeline.ts"

const keptEvents = 10_000
const defaultWindow = 262_144

const millis = (input: Duration.Input): number => Duration.toMillis(Duration.fromInputUnsafe(input))

const optionalMillis = (input: Duration.Input | undefined): number => (input === undefined ? 0 : millis(input))

/** The directed pairs of a route. */
const pairs = (route: Route): ReadonlyArray<readonly [from: string, to: string]> =>
  "from" in route
    ? [[route.from, route.to]]
    : [
        [route[0], route[1]],
        [route[1], route[0]]
      ]

const makeMachines = () => {
  const machines = new Map<string, Machine>()
  /** Answers the machine of this name, and makes it known. */
  const machine = (name: string): Machine => {
    const { host } = Address.make("memory", name, 0)
    let found = machines.get(host)
    if (found === undefined) {
      found = {
        name: host,
        listeners: new Map(),
        dials: new Set(),
        sleepers: new Set(),
        paused: false,
        up: true,
        portsTaken: 0
      }
      machines.set(host, found)
    }
    return found
  }
  const known = (name: string): Machine => {
    const found = machines.get(name.toLowerCase())
    if (found !== undefined) return found
    const names = [...machines.keys()].join(", ") || "none"
    throw new Error(`the simulated network has no host "${name}"; its hosts are: ${names}`)
  }
  return { machine, known, isKnown: (name: string) => machines.has(name), all: () => machines.values() }
}

const makeEvents = (now: () => number, onEvent: ((event: NetworkEvent) => void) | undefined) => {
  const events: Array<NetworkEvent> = []
  const note = (event: Omit<NetworkEvent, "at">): void => {
    const whole = { at: now(), ...event }
    if (events.length === 2 * keptEvents) events.splice(0, keptEvents)
    events.push(whole)
    onEvent?.(whole)
  }
  return { note, read: Effect.sync(() => events.slice(-keptEvents)) }
}

export const makeNetwork = Effect.fnUntraced(function* (options: Options) {
  const timeline = yield* makeTimeline
  const machines = makeMachines()
  const events = makeEvents(timeline.now, options.onEvent)
  const paths = makePaths(options.seed ?? 0, {
    latency: optionalMillis(options.latency),
    jitter: optionalMillis(options.jitter),
    loss: options.loss ?? 0
  })
  const endpoints = new Set<Endpoint>()
  const simulation: Simulation = {
    timeline,
    paths,
    endpoints,
    window: options.window ?? defaultWindow,
    machine: machines.machine,
    isKnown: machines.isKnown,
    note: events.note
  }
  let unnamed = 0

  const note = (event: NetworkEvent["event"], from = "", to = "") => events.note({ event, from, to, bytes: 0 })
  const endpointsOf = (machine: Machine) => [...endpoints].filter((endpoint) => endpoint.machine === machine)
  const acknowledge = () => endpoints.forEach((endpoint) => endpoint.acknowledge())
  const transport = (host = `host-${++unnamed}`, { port = 0 }: { readonly port?: number | undefined } = {}) =>
    memoryTransport(simulation, machines.machine(host).name, port)

  const stop = (machine: Machine, reason: Transport.TransportReason): void => {
    machine.up = false
    for (const dial of machine.dials) dial.fail(reason)
    for (const listener of machine.listeners.values()) listener.end(reason)
    for (const endpoint of endpointsOf(machine)) endpoint.kill()
    for (const sleeper of machine.sleepers) timeline.soon(sleeper)
  }

  const proceed = (machine: Machine): void => {
    machine.paused = false
    // After a stop a program's timers run before it reads its sockets.
    for (const sleeper of machine.sleepers) timeline.soon(sleeper)
    for (const endpoint of endpointsOf(machine)) {
      endpoint.pump()
      endpoint.wake()
    }
    for (const listener of machine.listeners.values()) listener.wake()
    for (const dial of machine.dials) dial.wake()
  }

  const eachPair = (
    event: NetworkEvent["event"],
    route: Route,
    change: (from: string, to: string) => void
  ): Effect.Effect<void> =>
    Effect.sync(() => {
      for (const [from, to] of pairs(route)) {
        const [here, there] = [machines.known(from).name, machines.known(to).name]
        change(here, there)
        note(event, here, there)
      }
      acknowledge()
    })

  const withMachine = (event: NetworkEvent["event"], change: (machine: Machine) => void) => (host: string) =>
    Effect.sync(() => {
      const machine = machines.known(host)
      note(event, machine.name)
      change(machine)
    })

  const blackhole = (route: Route) => eachPair("blackhole", route, paths.drop)
  const reopen = (route: Route) => eachPair("heal", route, paths.undrop)

  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      for (const machine of machines.all()) stop(machine, new Transport.Closed({}))
    })
  )

  const network: SimulatedNetwork["Service"] = {
    transport,
    layer: (host, settings) => Layer.succeed(Transport.Transport, transport(host, settings)),
    clock: (host) => hostClock(simulation, machines.known(host)),
    partition: (groups) =>
      Effect.sync(() => {
        const named = groups.map((group) => group.map((host) => machines.known(host).name))
        paths.partition(named)
        note("partition", named.map((group) => group.join(",")).join(" "))
        acknowledge()
      }),
    heal: Effect.sync(() => {
      paths.heal()
      note("heal")
      acknowledge()
    }),
    blackhole,
    reopen,
    loss: (rate, route) =>
      route === undefined
        ? Effect.sync(() => {
            paths.setDefault({ loss: rate })
            note("loss")
          })
        : eachPair("loss", route, (from, to) => paths.set(from, to, { loss: rate })),
    latency: (delay, route) => {
      const quality = {
        ...(delay.latency === undefined ? {} : { latency: millis(delay.latency) }),
        ...(delay.jitter === undefined ? {} : { jitter: millis(delay.jitter) })
      }
      return route === undefined
        ? Effect.sync(() => {
            paths.setDefault(quality)
            note("latency")
          })
        : eachPair("latency", route, (from, to) => paths.set(from, to, quality))
    },
    cut: (a, b) =>
      Effect.sync(() => {
        const [first, second] = [machines.known(a), machines.known(b)]
        note("cut", first.name, second.name)
        for (const endpoint of [...endpointsOf(first), ...endpointsOf(second)]) endpoint.cutFrom(first, second)
      }),
    pause: withMachine("pause", (machine) => {
      machine.paused = true
    }),
    resume: withMachine("resume", proceed),
    kill: withMachine("kill", (machine) => {
      machine.paused = false
      stop(machine, new Transport.Unreachable({ code: "ENETDOWN" }))
    }),
    restart: withMachine("restart", (machine) => {
      machine.up = true
    }),
    flap: (route, { down, up, times }) =>
      blackhole(route).pipe(
        Effect.andThen(Effect.sleep(down)),
        Effect.andThen(reopen(route)),
        Effect.andThen(Effect.sleep(up)),
        Effect.repeat({ times: times - 1 }),
        Effect.asVoid
      ),
    events: events.read
  }
  return network
})
