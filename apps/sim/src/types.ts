import type { initial, members, MemberEvent, NodeState, Output, SeenPeer, step } from "@gc/core/protocol"

/** The protocol under test: the real one, or a mutant of it. */
export interface Protocol {
  readonly initial: typeof initial
  readonly step: typeof step
  readonly members: typeof members
}

/** What a node holds of a member. */
export type MemberRecord = NodeState["members"] extends Map<string, infer Member> ? Member : never

/** What watches every step of every node. */
export interface Watcher {
  stepped(node: Watched, outputs: ReadonlyArray<Output>): void
}

/** A node as a watcher sees it. */
export interface Watched {
  readonly host: number
  readonly state: NodeState
  /** Whether the node's end of a link is still read and written. */
  readonly isOpen: (link: number) => boolean
  /** The node's own clock. */
  readonly clock: number
  /** Steps since its whole state was looked at. */
  unaudited: number
}

/** An event, as scenarios measure it. */
export interface Seen {
  readonly at: number
  /** The number of the host that says it. */
  readonly observer: number
  readonly tag: MemberEvent["_tag"]
  /** The number of the host it is about. */
  readonly subject: number
  readonly instance: string
  readonly reason: string
}

/** What discovery answers at the moment; `chain`: to each node the one before it, and nobody to the first. */
export type DiscoveryMode = "whole" | "empty" | "failing" | "half" | "chain"

/** Discovery as the node on a host sees it. */
export interface Directory {
  mode: DiscoveryMode
  look(host: number): ReadonlyArray<SeenPeer>
}
