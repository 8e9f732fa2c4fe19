import * as Address from "@gc/core/Address"
import type { DiscoveryContext, Look, Source } from "@gc/core/Discovery"
import { RefreshInterval } from "@gc/core/Discovery"
import type { Client } from "@gc/discovery-epmd"
import * as NodeName from "@gc/core/NodeName"
import * as Peer from "@gc/core/Peer"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

/** A node that looks: its name, where it listens, and its cluster. */
export const contextOf = (
  name: string,
  addresses: ReadonlyArray<string>,
  cluster = "test"
): DiscoveryContext & { readonly self: { addresses: ReadonlyArray<Address.Address> } } => ({
  self: {
    cluster,
    name: NodeName.make(name),
    instance: "00".repeat(16),
    generation: 1,
    addresses: addresses.map(Address.parseUnsafe)
  },
  key: () => Option.none(),
  keys: () => []
})

/** What a source says while it runs in the scope, each look as the sorted texts of its peers, or `failed: …`. */
export const run = Effect.fnUntraced(function* (
  source: Source,
  context: DiscoveryContext,
  interval: Duration.Duration = Duration.millis(50)
) {
  const looks: Array<string> = []
  const said = (look: Look): string =>
    look._tag === "Unknown" ? `failed: ${look.error.message}` : look.peers.map(Peer.format).toSorted().join(", ")
  const collecting = Stream.runForEach(source.looks(context), (look) => Effect.sync(() => looks.push(said(look))))
  yield* collecting.pipe(Effect.provideService(RefreshInterval, interval), Effect.forkScoped)
  return looks
})

/** Suspends until the condition holds; fails after ten seconds, with what it waited for. */
export const until = (what: string, condition: () => boolean | Effect.Effect<boolean, unknown>) => {
  const asked: Effect.Effect<void, unknown> = Effect.suspend(() => {
    const now = condition()
    return Effect.flatMap(typeof now === "boolean" ? Effect.succeed(now) : now, (holds) =>
      holds ? Effect.void : Effect.andThen(Effect.sleep("5 millis"), asked)
    )
  })
  return Effect.timeoutOrElse(asked, {
    duration: "10 seconds",
    orElse: () => Effect.die(new Error(`not within ten seconds: ${what}`))
  })
}

/** The reason of an error, and its code. */
export const codeOf = ({ reason }: Client.EpmdError): string =>
  "code" in reason ? `${reason._tag} ${reason.code}` : reason._tag
