import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as Address from "../Address.ts"
import type { Diagnosis } from "../Cluster.ts"
import { AwaitTimeout, ConnectError, OptionInvalid } from "../ClusterError.ts"
import type { Member } from "../Member.ts"
import * as NodeName from "../NodeName.ts"
import type { Peer } from "../Peer.ts"
import type { ConnectFailure } from "../protocol/node.ts"
import type { Engine } from "./engine.ts"
import { readMetadata } from "./options.ts"
import { aDuration, isRecord, millisOf, show } from "./optionValues.ts"
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

/** Why nothing came of a connection, and what to do. */
export const notConnected = (peer: string, reason: ConnectFailure): ConnectError =>
  new ConnectError({ peer, reason, detail: remedies[reason] ?? reason })

const aPeer = "Peer.fromName(name), Peer.fromAddress(address), or both in one object"

/** Callers that no compiler has seen give something else, too. */
export const isPeer = (peer: unknown): boolean => {
  if (!isRecord(peer)) return false
  const { address, name } = peer
  if (name !== undefined && (typeof name !== "string" || Result.isFailure(NodeName.parse(name)))) return false
  if (address === undefined) return name !== undefined
  try {
    return isRecord(address) && Result.isSuccess(Address.parse(Address.format(address as unknown as Address.Address)))
  } catch {
    return false
  }
}

/** The diagnosis of a peer, or that it is none. */
export const orNoPeer = (peer: Peer, diagnosis: Effect.Effect<Diagnosis>): Effect.Effect<Diagnosis> =>
  Effect.suspend(() => {
    if (isPeer(peer)) return diagnosis
    const detail = `${show(peer)} is no peer`
    const step = { step: "resolve", ok: false, detail, remedy: `give ${aPeer}` } as const
    return Effect.succeed({ peer: show(peer), address: undefined, ok: false, steps: [step] })
  })

export const noPeer = (peer: unknown): ConnectError =>
  new ConnectError({ peer: show(peer), reason: "failed", detail: `this is no peer: give ${aPeer}` })

export const connect = (engine: Engine, peer: Peer): Effect.Effect<Member, ConnectError> =>
  Effect.suspend(() => {
    if (isPeer(peer)) return request(engine, peer)
    return Effect.fail(noPeer(peer))
  })

const request = (engine: Engine, peer: Peer): Effect.Effect<Member, ConnectError> =>
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
          resume(Effect.fail(notConnected(peer.name ?? address ?? "", reason)))
          return
        }
        resume(Effect.sync(() => memberOf(member as Parameters<typeof memberOf>[0], engine.state.self.name)))
      }
    )
    return Effect.sync(forget)
  })

export const disconnect = (engine: Engine, name: NodeName.NodeName): Effect.Effect<void> =>
  Effect.sync(() => engine.dispatch({ _tag: "Disconnect", name }))

export const updateMetadata = (
  engine: Engine,
  next: Readonly<Record<string, string>>
): Effect.Effect<void, OptionInvalid> =>
  Effect.suspend(() => {
    const read = readMetadata(next)
    return Result.isFailure(read)
      ? Effect.fail(new OptionInvalid({ key: "metadata", value: show(next), expected: read.failure }))
      : Effect.sync(() => engine.dispatch({ _tag: "UpdateMetadata", metadata: read.success }))
  })

const isWanted = (wanted: unknown): boolean =>
  Array.isArray(wanted)
    ? wanted.every((name) => typeof name === "string")
    : typeof wanted === "number" && !Number.isNaN(wanted)

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
  const missing = (): string => {
    const names = present()
    return typeof wanted === "number" ? `${wanted} members` : wanted.filter((name) => !names.includes(name)).join(", ")
  }
  const failed = (millis: number, text: string, left: boolean): Effect.Effect<never, AwaitTimeout> =>
    Effect.fail(
      new AwaitTimeout({ millis: Math.min(millis, Number.MAX_SAFE_INTEGER), wanted: text, present: present(), left })
    )
  return Effect.suspend(() => {
    if (!isWanted(wanted)) {
      return failed(0, `${show(wanted)} (expected a number of members, or a list of their names)`, false)
    }
    const millis = millisOf(timeout)
    if (millis === undefined) {
      return failed(0, `${missing()} (the timeout is ${show(timeout)}: expected ${aDuration})`, false)
    }
    return engine.hub.events.pipe(
      Stream.takeUntil(arrived),
      Stream.runDrain,
      Effect.timeoutOption(Duration.millis(millis)),
      Effect.flatMap((ended) => (arrived() ? Effect.void : failed(millis, missing(), Option.isSome(ended))))
    )
  })
}
