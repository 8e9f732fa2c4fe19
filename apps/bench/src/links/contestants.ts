/**
 * Who is measured on links, and what each can do.
 */

/** One contestant: a way of sending over the processes of a pair. */
export interface Contestant {
  readonly name: string
  /** The program of its two processes; contestants of one program share them. */
  readonly pair: string
  readonly about: string
  /** It is asked for round trips and requests, too. */
  readonly calls: boolean
  /** It is installed by the benchmark, and not there in tests. */
  readonly rival?: true
}

/** In the order of the report. */
export const contestants: ReadonlyArray<Contestant> = [
  { name: "write", pair: "raw", about: "node:net, one write for each message", calls: true },
  { name: "cork", pair: "raw", about: "node:net, corked for a batch", calls: true },
  { name: "slab", pair: "raw", about: "node:net, small messages copied into 64 KiB slabs: the limit", calls: true },
  { name: "slab-tls", pair: "raw-tls", about: "the same over TLS 1.3 with a pre-shared key", calls: true },
  { name: "ws-send", pair: "ws", about: "ws, one send for each message", calls: true },
  { name: "ws-cork", pair: "ws", about: "ws, its socket corked for a batch", calls: true },
  { name: "gc-tcp-batch", pair: "gc-tcp", about: "gc over tcp plain, a channel of bytes, sendAll", calls: false },
  { name: "gc-tcp-send", pair: "gc-tcp", about: "the same, one send for each message", calls: true },
  { name: "gc-tcp-typed", pair: "gc-tcp", about: "gc over tcp plain, a channel with a schema", calls: true },
  { name: "gc-psk-batch", pair: "gc-psk", about: "gc over tcp with its default security (psk), sendAll", calls: false },
  { name: "gc-psk-send", pair: "gc-psk", about: "the same, one send for each message", calls: true },
  { name: "gc-ws-batch", pair: "gc-ws", about: "gc over ws plain, sendAll", calls: false },
  { name: "gc-ws-send", pair: "gc-ws", about: "the same, one send for each message", calls: true },
  {
    name: "moleculer",
    pair: "moleculer",
    about: "Moleculer's TCP transporter: events and actions",
    calls: true,
    rival: true
  },
  { name: "libp2p", pair: "libp2p", about: "js-libp2p: tcp, noise, yamux, one stream", calls: true, rival: true },
  { name: "effect-rpc", pair: "effect-rpc", about: "effect/rpc over a socket of node:net", calls: true, rival: true }
]

/** Those that were asked for, or all that can run. */
export const chosen = (published: boolean, names: ReadonlyArray<string> | undefined): ReadonlyArray<Contestant> =>
  contestants.filter(({ name, rival }) => (names?.includes(name) ?? true) && (published || rival === undefined))
