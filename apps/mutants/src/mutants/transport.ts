import type { Mutant } from "./types.ts"

const tcp = (name: string, what: string, file: string, find: string, replace: string, caughtBy: string): Mutant => ({
  name,
  what,
  plugin: "transport-tcp",
  file,
  find,
  replace,
  caughtBy
})

const ws = (name: string, what: string, file: string, find: string, replace: string, caughtBy: string): Mutant => ({
  name,
  what,
  plugin: "transport-ws",
  file,
  find,
  replace,
  caughtBy
})

/** Faults of transport-ws. */
const ofWs: ReadonlyArray<Mutant> = [
  ws(
    "ws-dial-stays",
    "the scope of a dial does not close its connection",
    "core/src/internal/stream/dialing.ts",
    "yield* Effect.addFinalizer(() => wire.close)",
    "yield* Effect.void",
    "the closed scope of a dial closes its connection"
  ),
  ws(
    "ws-dial-leaks",
    "an interrupted dial leaves its socket open",
    "core/src/internal/stream/dialing.ts",
    "Effect.onError(() => destroy(socket))",
    "Effect.onError(() => Effect.void)",
    "a dial to somebody who says nothing ends at once when it is interrupted, and leaves no socket open"
  ),
  ws(
    "ws-no-pause",
    "what nobody receives is read all the same",
    "transport-ws/src/internal/webSocketStream.ts",
    "    this.#ws.pause()",
    "",
    "send suspends while the other end does not read, and goes on when it does"
  ),
  ws(
    "ws-large-messages",
    "of a large write the first message is sent again and again",
    "transport-ws/src/internal/messageWriter.ts",
    "source : source.subarray(at, at + maxMessage)",
    "source : source.subarray(0, maxMessage)",
    "large frames come whole and unchanged where the limit allows them"
  ),
  ws(
    "ws-early-slab",
    "masked messages are written over while they wait",
    "transport-ws/src/internal/messageWriter.ts",
    "(kept.pop() ?? makeSlab(longest))",
    "((kept[0] ??= makeSlab(longest)))",
    "large frames come whole and unchanged where the limit allows them"
  )
]

/** Faults of transport-tcp, and of the part of core that it is made with. */
export const transport: ReadonlyArray<Mutant> = [
  tcp(
    "tcp-dial-leaks",
    "an interrupted dial leaves its socket open",
    "core/src/internal/stream/dialing.ts",
    "Effect.onError(() => destroy(socket))",
    "Effect.onError(() => Effect.void)",
    "a dial that is interrupted leaves no connection behind, though its scope stays open"
  ),
  tcp(
    "tcp-dial-stays",
    "the scope of a dial does not close its connection",
    "core/src/internal/stream/dialing.ts",
    "yield* Effect.addFinalizer(() => wire.close)",
    "yield* Effect.void",
    "the closed scope of a dial closes its connection"
  ),
  tcp(
    "tcp-accept-stays",
    "the scope of an accepted connection does not close it",
    "core/src/internal/stream/incoming.ts",
    "Effect.addFinalizer(() => wire.close)",
    "Effect.void",
    "the closed scope of an accepted connection closes it, and no other"
  ),
  tcp(
    "tcp-backlog-stays",
    "connections that nobody accepted outlive their listener",
    "transport-tcp/src/internal/listener.ts",
    "        backlog.close()",
    "",
    "a connection that nobody accepted ends with its listener"
  ),
  tcp(
    "tcp-server-stays",
    "a closed listener still takes connections",
    "transport-tcp/src/internal/listener.ts",
    "        server.close()",
    "",
    "a dial to a port that nobody listens on any more is refused"
  ),
  tcp(
    "tcp-port-as-given",
    "the port is advertised as it was given, 0",
    "core/src/internal/stream/incoming.ts",
    "bound !== null ? bound.port : port",
    "bound !== null ? port : port",
    "port 0 is a free port, and the real one is advertised"
  ),
  tcp(
    "tcp-patient-close",
    "a close waits a minute for a peer that does not read",
    "core/src/internal/stream/wire.ts",
    "const lingerMillis = 1000",
    "const lingerMillis = 60_000",
    "a scope closes in a second though the other end does not read, and the waiting send fails"
  ),
  tcp(
    "tcp-no-backpressure",
    "send takes whatever it is given",
    "core/src/internal/stream/outbox.ts",
    "return this.#queued + this.#flying <= this.#highWaterMark",
    "return true",
    "send suspends while the other end does not read, and goes on when it does"
  ),
  tcp(
    "tcp-no-flush",
    "what is queued is dropped when the scope closes",
    "core/src/internal/stream/outbox.ts",
    "    for (const piece of pieces) this.#socket.write(piece)",
    "    void pieces",
    "what still waited to be written when the scope closed arrives, too"
  ),
  tcp(
    "tcp-early-slab",
    "small frames are written over while they wait",
    "core/src/internal/stream/outbox.ts",
    "    this.#start = this.#end",
    "    this.#start = this.#end = 0",
    "small frames that waited come whole, unchanged and in order"
  ),
  tcp(
    "tcp-two-receives",
    "a second receive takes the place of the first",
    "core/src/internal/stream/inbox.ts",
    "if (this.#waiting !== undefined) return Effect.fail",
    "if (false) return Effect.fail",
    "a second receive fails with ConcurrentReceive, and the first goes on"
  ),
  tcp(
    "tcp-no-limit",
    "a frame of any size is taken",
    "core/src/internal/stream/inbox.ts",
    "const handshakeFrame = 4096",
    "const handshakeFrame = 1 << 30",
    "a frame of 4096 bytes passes at first, one of 4097 does not"
  ),
  tcp(
    "tcp-frames-lost",
    "frames in front of one that is refused are lost",
    "core/src/internal/stream/inbox.ts",
    "return frames as unknown as Batch",
    "return (this.#peek() === undefined ? frames : []) as unknown as Batch",
    "the frames in front of one that is too large are given first"
  ),
  tcp(
    "tcp-no-refusal",
    "a closed port is a failure like any other",
    "core/src/internal/stream/errors.ts",
    'if (code === "ECONNREFUSED") return new Transport.Refused({})',
    "",
    "a dial to a port that nobody listens on any more is refused"
  ),
  tcp(
    "tcp-plaintext",
    "plain text is sent anywhere",
    "transport-tcp/src/internal/dialer.ts",
    'if (mode === "plain") yield* Transport.checkPlaintext(transportName, address, security)',
    "",
    "a plain dial beyond loopback is refused unless it is allowed"
  ),
  tcp(
    "tcp-first-key",
    "a listener takes its first key only, under any identity",
    "core/src/internal/stream/tlsModes.ts",
    "psks.find((one) => one.identity === identity)",
    "psks[0]",
    "a listener accepts any of its keys"
  ),
  tcp(
    "tcp-one-binding",
    "every channel has the same binding",
    "core/src/internal/stream/tlsModes.ts",
    "identity, channelBinding: channelBinding(stream) }",
    "identity, channelBinding: new Uint8Array(32) }",
    "the binding of a channel is known to its two ends and to no other channel"
  ),
  tcp(
    "tcp-any-certificate",
    "a certificate of any authority is taken",
    "core/src/internal/stream/tlsModes.ts",
    "if (!stream.authorized) {",
    "if (stream.authorized === undefined) {",
    "a stranger who dials gets nowhere, and the listener goes on"
  ),
  tcp(
    "tcp-newcomer-waits",
    "a listener that has many who wait hands over none but the first",
    "core/src/internal/stream/backlog.ts",
    'if (leaving !== undefined) this.drop(leaving, "evicted")',
    "if (leaving !== undefined) socket.destroy()",
    "a crowd that connects and says nothing keeps nobody out"
  ),
  tcp(
    "tcp-listens-everywhere",
    "it listens at every address of the machine",
    "core/src/internal/stream/incoming.ts",
    "server.listen({ host, port, exclusive: true }",
    "server.listen({ host: String(host && '0.0.0.0'), port, exclusive: true }",
    "who listens on loopback is not reached from elsewhere"
  ),
  tcp(
    "tcp-listens-plain",
    "a listener takes plain text, whatever was asked for",
    "transport-tcp/src/internal/listener.ts",
    "const mode = modeOf(settings, security)",
    'const mode = modeOf(settings, { ...security, mode: "plain" })',
    "a dialer in plain mode gets nowhere, and the listener goes on"
  ),
  tcp(
    "tcp-dials-plain",
    "a dialer sends plain text, whatever was asked for",
    "transport-tcp/src/internal/dialer.ts",
    "const mode = modeOf(settings, security)",
    'const mode = modeOf(settings, { ...security, mode: "plain" })',
    "a listener in plain mode is no connection for who wants more"
  ),
  tcp(
    "tcp-accept-hangs",
    "an accept waits on when its listener closes",
    "core/src/internal/stream/backlog.ts",
    "    this.#closed = true",
    "    this.#closed = this.#pending.size > 0",
    "an accept that waits fails with Closed when its listener closes"
  ),
  tcp(
    "tcp-half-open",
    "who says nothing outlives the listener",
    "core/src/internal/stream/backlog.ts",
    'for (const pending of this.#pending) this.drop(pending, "closing")',
    'for (const pending of this.#ready) this.drop(pending, "closing")',
    "a listener closes in a second though a peer says nothing, and that peer hears of it"
  ),
  ...ofWs
]
