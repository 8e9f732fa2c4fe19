import type { Peer } from "@gc/core/Peer"

/** What a packet says. @internal */
export type Said =
  /** Somebody else is there. */
  | {
      readonly _tag: "Peer"
      /** What it is kept under: what comes under the same key replaces it. */
      readonly key: string
      /** One peer for each of its addresses; empty for one that nobody can dial. */
      readonly peers: ReadonlyArray<Peer>
      /** Of two under one key the higher counts. */
      readonly generation: number
      /** Only somebody who proved to be of this cluster is answered. */
      readonly isAuthentic: boolean
    }
  /** This node's own: what is sent comes back. */
  | { readonly _tag: "Own" }
  /** Nothing; `notice` is worth a line in the log, once for each `about`. */
  | { readonly _tag: "Junk"; readonly reason: string; readonly notice?: Notice }

/** @internal */
export interface Notice {
  readonly about: string
  readonly text: string
}

/** What beacons look like. @internal */
export interface Format {
  /** How many peers are kept; beyond that new ones are not taken. */
  readonly capacity: number
  readonly encode: (wall: number) => Uint8Array
  /** `now` are milliseconds that never go back. */
  readonly decode: (bytes: Uint8Array, host: string, wall: number, now: number) => Said
}

/** The most peers that nobody vouches for. @internal */
export const maxCandidates = 64
