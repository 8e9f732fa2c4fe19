import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Address from "@gc/core/Address"
import * as Transport from "@gc/core/Transport"
import { Dial } from "./dial.ts"
import { MemoryListener } from "./memoryListener.ts"
import { freePort } from "./ports.ts"
import type { Machine, Simulation } from "./simulation.ts"

const name = "memory"

const fail = (address: string, reason: Transport.TransportReason): Effect.Effect<never, Transport.TransportError> =>
  Effect.fail(new Transport.TransportError({ transport: name, address, reason }))

const open = (simulation: Simulation, machine: Machine, wanted: number) =>
  Effect.suspend((): Effect.Effect<MemoryListener, Transport.TransportError> => {
    const address = Address.format(Address.make(name, machine.name, wanted))
    if (!machine.up) return fail(address, new Transport.Unreachable({ code: "ENETDOWN" }))
    if (machine.listeners.has(wanted)) return fail(address, new Transport.AddressInUse({}))
    const listener = new MemoryListener(simulation, machine, wanted === 0 ? freePort(machine) : wanted)
    simulation.note({ event: "listening", from: Address.format(listener.address), to: "", bytes: 0 })
    return Effect.succeed(listener)
  })

const listen = (
  simulation: Simulation,
  machine: Machine,
  port: number
): Effect.Effect<Transport.Listener, Transport.TransportError, Scope.Scope> =>
  Effect.acquireRelease(open(simulation, machine, port), (listener) =>
    Effect.sync(() => listener.end(new Transport.Closed({})))
  ).pipe(Effect.map(({ accept, address }) => ({ accept, addresses: [address] })))

const dial = (
  simulation: Simulation,
  machine: Machine,
  address: Address.Address
): Effect.Effect<Transport.Connection, Transport.TransportError, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const text = Address.format(address)
      if (address.protocol !== "memory") {
        return yield* fail(text, new Transport.ProtocolUnsupported({ supported: ["memory"] }))
      }
      const attempt = new Dial(simulation, machine, address)
      yield* Effect.addFinalizer(() => Effect.sync(() => attempt.close()))
      return yield* restore(attempt.connected).pipe(
        Effect.onError(() => Effect.sync(() => attempt.close())),
        Effect.catch((reason) => fail(text, reason))
      )
    })
  )

/** A transport of one machine in a simulated network. */
export const memoryTransport = (simulation: Simulation, host: string, port: number): Transport.Transport["Service"] => {
  const machine = simulation.machine(host)
  return {
    name,
    protocols: ["memory"],
    listen: () => listen(simulation, machine, port),
    dial: (address) => dial(simulation, machine, address)
  }
}
