import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Address from "../Address.ts"
import { AwaitTimeout, ConnectError, OptionInvalid } from "../ClusterError.ts"
import type { Member } from "../Member.ts"
import type { NodeName } from "../NodeName.ts"
import type { Peer } from "../Peer.ts"
import { metadataProblem } from "../protocol/metadata.ts"
import type { ConnectFailure } from "../protocol/node.ts"
import type { Engine } from "./engine.ts"
import { memberOf } from "./publicView.ts"

export const membersOf = (engine: Engine): Effect.Effect<ReadonlyArray<Member>> =>
  Effect.sync(() => engine.members().map((view) => memberOf(view, engine.state.self.name)))

const remedies: Partial<Record<ConnectFailure, string>> = {
  refused: "nothing listens there: is the node running, and is the port right?",
  failed: "no connection, or it broke in the handshake: check the address, the firewall and the other node's log",
  self: "this is the node itself",
  leaving: "this node is leaving the cluster",
  auth_failed: "the cookie or the security mode differs: compare both on the two nodes",
  cluster_mismatch: "it belongs to another cluster: compare the option cluster, or correct the address",
  name_mismatch: "another node answers there: correct the address or the name",
  name_conflict: "another live node carries this node's name: rename one of them",
  shutting_down: "it is leaving the cluster: try again when it is back",
  busy: "it has too many handshakes under way: try again",
  malformed: "it does not take this node's handshake: is it gc, and of this version?",
  stale_incarnation: "it knows a later life of this node: has this machine's clock gone back?",
  already_connected: "a link to it came up meanwhile and was lost again: try again",
  capability_missing: "one of the two lacks what the other requires: upgrade the older one",
  unknown: "it refuses for a reason that this version does not know: upgrade this node",
  not_admitted: "one of the two is not let in: see the option admit, and the names in the certificates",
  too_many_peers: "it has as many members as its maxMembers allows: raise the option there",
  version_unsupported: "it speaks another version of the protocol: upgrade the older one",
  self_connect: "this is the node itself"
}

export const connect = (engine: Engine, peer: Peer): Effect.Effect<Member, ConnectError> =>
  Effect.callback<Member, ConnectError>((resume) => {
    const address = peer.address === undefined ? undefined : Address.format(peer.address)
    const forget = engine.request(
      {
        ...(peer.name !== undefined && { name: peer.name }),
        ...(address !== undefined && { address })
      },
      (result) => {
        const member = typeof result === "string" ? engine.state.members.get(result) : undefined
        if (typeof result !== "string" || member === undefined) {
          const reason = typeof result === "string" ? "failed" : result.reason
          const detail = remedies[reason] ?? reason
          resume(Effect.fail(new ConnectError({ peer: peer.name ?? address ?? "", reason, detail })))
          return
        }
        resume(Effect.sync(() => memberOf(member as Parameters<typeof memberOf>[0], engine.state.self.name)))
      }
    )
    return Effect.sync(forget)
  })

export const disconnect = (engine: Engine, name: NodeName): Effect.Effect<void> =>
  Effect.sync(() => engine.dispatch({ _tag: "Disconnect", name }))

export const updateMetadata = (
  engine: Engine,
  next: Readonly<Record<string, string>>
): Effect.Effect<void, OptionInvalid> =>
  Effect.suspend(() => {
    const metadata: Record<string, string> = Object.assign(Object.create(null), next)
    const problem = metadataProblem(metadata)
    if (problem !== undefined) {
      return Effect.fail(
        new OptionInvalid({ key: "metadata", value: JSON.stringify(next).slice(0, 200), expected: problem })
      )
    }
    return Effect.sync(() => engine.dispatch({ _tag: "UpdateMetadata", metadata }))
  })

export const awaitMembers = (
  engine: Engine,
  wanted: number | ReadonlyArray<string>,
  timeout: Duration.Input = "30 seconds"
): Effect.Effect<void, AwaitTimeout> => {
  const present = (): ReadonlyArray<string> => engine.members().map((member) => member.name)
  const arrived = (): boolean => {
    const names = present()
    return typeof wanted === "number" ? names.length >= wanted : wanted.every((name) => names.includes(name))
  }
  return Effect.suspend(() => {
    const duration = Duration.fromInputUnsafe(timeout)
    const millis = Duration.toMillis(duration)
    return engine.hub.events.pipe(
      Stream.takeUntil(arrived),
      Stream.runDrain,
      Effect.timeoutOption(duration),
      Effect.flatMap((ended) => {
        if (arrived()) return Effect.void
        const there = present()
        const missing =
          typeof wanted === "number" ? `${wanted} members` : wanted.filter((name) => !there.includes(name)).join(", ")
        return Effect.fail(new AwaitTimeout({ millis, wanted: missing, present: there, left: Option.isSome(ended) }))
      })
    )
  })
}
