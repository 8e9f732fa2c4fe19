import type { Identity } from "../../src/protocol/identity.ts"
import type { LinkFrame } from "../../src/protocol/linkFrames.ts"
import { type NodeState } from "../../src/protocol/state.ts"

/** What is under way in one direction of a stream. `End`: the other side closed it, or it was cut. */
export type Flight =
  | { readonly _tag: "Auth"; readonly identity: Identity }
  | { readonly _tag: "Welcome"; readonly identity: Identity; readonly decision: number; readonly known: number }
  | { readonly _tag: "Ready"; readonly decision: number; readonly known: number }
  | { readonly _tag: "End" }
  | LinkFrame

export interface Stream {
  readonly initiator: 0 | 1
  readonly dial: number
  /** To node 0 and to node 1. */
  readonly flights: [ReadonlyArray<Flight>, ReadonlyArray<Flight>]
  /** Node 0's and node 1's end. */
  readonly open: [boolean, boolean]
  cut: boolean
}

/** Two nodes and the streams between them, at a moment. */
export interface Pair {
  readonly nodes: [NodeState, NodeState]
  /** What tells each node's states apart. */
  readonly prints: [Print, Print]
  streams: Array<Stream>
  dials: number
  cuts: number
  now: number
}

export type Action =
  | { readonly _tag: "Dial"; readonly by: 0 | 1 }
  | { readonly _tag: "Deliver"; readonly stream: number; readonly to: 0 | 1 }
  | { readonly _tag: "Cut"; readonly stream: number }

/** What tells a node's states apart. */
export interface Print {
  readonly links: ReadonlyMap<number, string>
  readonly dials: ReadonlyMap<number, string>
  readonly members: string
}
