import * as Address from "@gc/core/Address"
import * as Discovery from "@gc/core/Discovery"
import * as NodeName from "@gc/core/NodeName"
import * as Peer from "@gc/core/Peer"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { randomBytes } from "node:crypto"

const ports: Readonly<Record<string, number>> = { a: 5_001, b: 5_002, c: 5_003 }

/** A new life of the node of this name. */
export const contextOf = (
  name: string,
  { announce, cluster = "test" }: { readonly announce?: boolean; readonly cluster?: string } = {}
): Discovery.DiscoveryContext & { readonly self: { addresses: ReadonlyArray<Address.Address> } } => ({
  self: {
    cluster,
    name: NodeName.make(`${name}@127.0.0.1`),
    instance: randomBytes(16).toString("hex"),
    generation: Date.now(),
    addresses: [Address.make("tcp", "127.0.0.1", ports[name] ?? 5_000)]
  },
  key: () => {
    throw new Error("it needs no key")
  },
  keys: () => [],
  announce
})

/** Runs a source until the scope closes or it is stopped. `looks` are the names that it found, or why it did not look. */
export const run = Effect.fnUntraced(function* (
  source: Discovery.Source,
  context: Discovery.DiscoveryContext,
  interval = Duration.millis(100)
) {
  const looks: Array<string> = []
  const peers: Array<string> = []
  const collect = Stream.runForEach(source.looks(context), (look) =>
    Effect.sync(() => {
      if (look._tag === "Unknown") return void looks.push(look.error.message)
      peers.splice(0, peers.length, ...look.peers.map(Peer.format))
      looks.push(namesOf(look.peers))
    })
  )
  const fiber = yield* Effect.forkScoped(Effect.provideService(collect, Discovery.RefreshInterval, interval))
  return { looks, peers, ended: () => fiber.pollUnsafe() !== undefined, stop: Fiber.interrupt(fiber) }
})

const namesOf = (peers: ReadonlyArray<Peer.Peer>): string =>
  peers
    .map(({ name }) => (name === undefined ? "?" : NodeName.basename(name)))
    .toSorted()
    .join(" ")

/** Suspends until the condition holds; fails with what is there when it does not within twenty seconds. */
export const until = (what: string, condition: () => boolean, seen: () => unknown = () => ""): Effect.Effect<void> => {
  const turn: Effect.Effect<void> = Effect.suspend(() =>
    condition() ? Effect.void : Effect.andThen(Effect.sleep("10 millis"), turn)
  )
  return Effect.timeoutOrElse(turn, {
    duration: "20 seconds",
    orElse: () => Effect.die(new Error(`${what}: not within 20 seconds; ${JSON.stringify(seen())}`))
  })
}
