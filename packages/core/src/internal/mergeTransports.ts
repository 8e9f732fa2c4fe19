import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import * as Address from "../Address.ts"
import type { Connection, Listener, LinkSecurity, Transport } from "../Transport.ts"
import { Closed, ProtocolUnsupported, TransportError } from "../TransportError.ts"

type Service = Transport["Service"]

const listenAll = Effect.fnUntraced(function* (
  name: string,
  transports: ReadonlyArray<Service>,
  security: LinkSecurity
) {
  const listeners: Array<Listener> = []
  for (const transport of transports) listeners.push(yield* transport.listen(security))
  const offered = yield* Queue.bounded<readonly [Connection, Scope.Closeable], TransportError>(1)
  const addresses = listeners.flatMap((listener) => listener.addresses)
  yield* Effect.addFinalizer((exit) =>
    Effect.gen(function* () {
      const unaccepted = yield* Effect.orElseSucceed(Queue.clear(offered), () => [])
      const closed = new Closed({})
      yield* Queue.fail(
        offered,
        new TransportError({ transport: name, address: addresses.map(Address.format).join(" "), reason: closed })
      )
      yield* Effect.forEach(unaccepted, ([, owned]) => Scope.close(owned, exit), { concurrency: "unbounded" })
    })
  )
  for (const listener of listeners) yield* Effect.forkScoped(pump(listener, offered))
  const accept = Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(restore(Queue.take(offered)), ([connection, owned]) =>
      Effect.as(
        Effect.addFinalizer((exit) => Scope.close(owned, exit)),
        connection
      )
    )
  )
  return { addresses, accept }
})

/** Moves connections from one listener to the shared queue; a broken listener breaks the merged one. */
const pump = (
  listener: Listener,
  offered: Queue.Queue<readonly [Connection, Scope.Closeable], TransportError>
): Effect.Effect<void> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const owned = yield* Scope.make()
      yield* restore(
        Effect.flatMap(Scope.provide(listener.accept, owned), (connection) => Queue.offer(offered, [connection, owned]))
      ).pipe(Effect.onExit((exit) => (Exit.isSuccess(exit) && exit.value ? Effect.void : Scope.close(owned, exit))))
    })
  ).pipe(
    Effect.forever,
    Effect.catchCause((cause) => Queue.failCause(offered, cause)),
    Effect.asVoid
  )

export const mergeTransports = (transports: ReadonlyArray<Service>): Service => {
  const [first] = transports
  if (first !== undefined && transports.length === 1) return first
  const protocols = [...new Set(transports.flatMap((transport) => transport.protocols))]
  const name = transports.map((transport) => transport.name).join("+")
  return {
    name,
    protocols,
    listen: (security) => listenAll(name, transports, security),
    dial: (address, security) => {
      const chosen = transports.find((transport) => transport.protocols.includes(address.protocol))
      return chosen === undefined
        ? Effect.fail(
            new TransportError({
              transport: name,
              address: Address.format(address),
              reason: new ProtocolUnsupported({ supported: protocols })
            })
          )
        : chosen.dial(address, security)
    }
  }
}
