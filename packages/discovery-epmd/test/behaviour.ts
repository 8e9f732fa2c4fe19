/**
 * What Erlang's epmd 25.2.3 does with what it is sent: each row is sent to a daemon that knows `alpha` and `beta`. The interop
 * tests send them to the real one, and compare.
 */
import * as Effect from "effect/Effect"
import { connect, type Socket } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"

interface Row {
  readonly name: string
  /** Written one after the other, with pauses. */
  readonly parts: ReadonlyArray<Buffer>
  /** Whether this end is closed then. */
  readonly end?: boolean
  /** `closed` or `open`, the answer, and who is registered afterwards, while an open connection still is. */
  readonly expected: string
}

const bytes = (text: string): Buffer => Buffer.from(text, "latin1")

/** A request with its length. */
export const frame = (body: Buffer | string): Buffer => {
  const content = typeof body === "string" ? bytes(body) : body
  return Buffer.concat([Buffer.of(content.length >> 8, content.length & 255), content])
}

const u16 = (value: number): Buffer => Buffer.of(value >> 8, value & 255)

/** The body of a registration. */
const aliveBody = (name: string, { extra = "", highest = 6, port = 40_001, protocol = 0, type = 77 } = {}): Buffer => {
  const fields = [Buffer.of(120), u16(port), Buffer.of(type, protocol), u16(highest), u16(5)]
  return Buffer.concat([...fields, u16(name.length), bytes(name), u16(extra.length), bytes(extra)])
}

const alive = (name: string, options: Parameters<typeof aliveBody>[1] = {}): Buffer => frame(aliveBody(name, options))

const row = (name: string, part: Buffer | ReadonlyArray<Buffer>, expected: string, end = false): Row => ({
  name,
  parts: Buffer.isBuffer(part) ? [part] : part,
  expected,
  end
})

const letters = (count: number): string => "n".repeat(count)
const both = "alpha beta"
const names = `0000pppp name alpha at port 40001, name beta at port 40001`
const dump = `0000pppp active name     <alpha> at port 40001, fd = N, active name     <beta> at port 40001, fd = N`
const alpha = "77009c414d00000600050005616c7068610003677831"
const silence = `closed "" | ${both}`
/** `76 00` and a creation. */
const wide = "7600cccccccc"

export const rows: ReadonlyArray<Row> = [
  row("NAMES", frame("n"), `closed ${names} | ${both}`),
  row("NAMES with more in its frame", frame("n12"), `closed ${names} | ${both}`),
  row("NAMES of 3,000 bytes", frame("n".repeat(3_000)), `closed ${names} | ${both}`),
  row(
    "NAMES byte by byte",
    [...frame("n")].map((byte) => Buffer.of(byte)),
    `closed ${names} | ${both}`
  ),
  row("two requests in one segment", Buffer.concat([frame("n"), frame("n")]), silence),
  row("a request and one byte", Buffer.concat([frame("n"), Buffer.of(0)]), silence),
  row("DUMP", frame("d"), `closed ${dump} | ${both}`),
  row("DUMP with more", frame("d1"), `closed ${dump} | ${both}`),
  row("KILL while there are names", frame("k"), `closed 4e4f | ${both}`),
  row("KILL with more", frame("k1"), `closed 4e4f | ${both}`),
  row("STOP", frame("salpha"), silence),
  row("STOP of nobody", frame("s"), silence),
  row("PORT_PLEASE2", frame("zalpha"), `closed ${alpha} | ${both}`),
  row("PORT_PLEASE2 with a NUL at the end", frame("zalpha\0"), `closed ${alpha} | ${both}`),
  row(
    "PORT_PLEASE2 byte by byte",
    [...frame("zalpha")].map((byte) => Buffer.of(byte)),
    `closed ${alpha} | ${both}`
  ),
  row("PORT_PLEASE2 in other letters", frame("zALPHA"), `closed 7701 | ${both}`),
  row("PORT_PLEASE2 with a NUL within", frame("zal\0pha"), silence),
  row("PORT_PLEASE2 of no name", frame("z"), silence),
  row("PORT_PLEASE2 of 254 bytes", frame(`z${letters(254)}`), `closed 7701 | ${both}`),
  row("PORT_PLEASE2 of 255 bytes", frame(`z${letters(255)}`), silence),
  row("PORT_PLEASE2 of 600 bytes", frame(`z${letters(600)}`), silence),
  row("the old PORT_PLEASE", frame("palpha"), silence),
  row("the old ALIVE", frame("a\x01\x02x"), silence),
  row("an empty frame", frame(""), silence),
  row("an unknown request", frame("\x01\x02\x03"), silence),
  row("one byte, and the end", Buffer.of(0), silence, true),
  row("half a request, and the end", Buffer.from([0, 9, 110]), silence, true),
  row("ALIVE2", alive("x"), `open ${wide} | ${both} x`),
  row("ALIVE2 of version 5", alive("x", { highest: 5 }), `open 7900cccc | ${both} x`),
  row("ALIVE2 of version 4", alive("x", { highest: 4 }), `open 7900cccc | ${both} x`),
  row(
    "ALIVE2 byte by byte",
    [...alive("x")].map((byte) => Buffer.of(byte)),
    `open ${wide} | ${both} x`
  ),
  row("ALIVE2 of a taken name", alive("alpha"), `open 760100000063 | ${both}`),
  row("ALIVE2 of a taken name, version 5", alive("alpha", { highest: 5 }), `open 79010063 | ${both}`),
  row("ALIVE2 of a name in other letters", alive("ALPHA"), `open ${wide} | ALPHA ${both}`),
  row("ALIVE2 at port 0", alive("x", { port: 0 }), `open ${wide} | ${both} x`),
  row("ALIVE2 of type 99, protocol 7", alive("x", { type: 99, protocol: 7 }), `open ${wide} | ${both} x`),
  row("ALIVE2 of 255 bytes", alive(letters(255)), `open ${wide} | ${both} ${letters(255)}`),
  row("ALIVE2 of 256 bytes", alive(letters(256)), `open 760100000063 | ${both}`),
  row("ALIVE2 with an extra of 1,020 bytes", alive("x", { extra: letters(1_020) }), `open ${wide} | ${both} x`),
  row("ALIVE2 with an extra of 1,021 bytes", alive("x", { extra: letters(1_021) }), `open 760100000063 | ${both}`),
  row("ALIVE2 with more than it says", frame(Buffer.concat([aliveBody("x"), bytes("zz")])), `open ${wide} | ${both} x`),
  row("ALIVE2 in UTF-8", alive("n\xc3\xa4me"), `open ${wide} | ${both} n\xc3\xa4me`),
  row("ALIVE2 with a blank and an @", alive("a b@c"), `open ${wide} | a b@c ${both}`),
  row("ALIVE2 of no name and no extra", alive(""), silence),
  row("ALIVE2 of no name with an extra", alive("", { extra: "abc" }), `open ${wide} |  ${both}`),
  row("ALIVE2 with a NUL in the name", alive("a\0b"), silence),
  row("ALIVE2 without the extra's length", frame(aliveBody("x").subarray(0, -2)), silence),
  row("ALIVE2 with half of it", frame(aliveBody("xy").subarray(0, -1)), silence),
  row(
    "ALIVE2 whose name is longer than it",
    frame(Buffer.concat([aliveBody("x").subarray(0, 9), u16(200), bytes("xxxxx")])),
    silence
  ),
  row("ALIVE2 whose extra is longer than it", frame(Buffer.concat([aliveBody("x").subarray(0, -2), u16(9)])), silence),
  row("ALIVE2 and NAMES in one segment", Buffer.concat([alive("x"), frame("n")]), silence),
  row("anything on a registration", [alive("x"), Buffer.of(0)], `closed ${wide} | ${both}`),
  row("a request on a registration", [alive("x"), frame("n")], `closed ${wide} | ${both}`),
  row("a second try after a taken name", [alive("alpha"), alive("x")], `closed 760100000063 | ${both}`),
  row("ALIVE2, and the end", alive("x"), `closed ${wide} | ${both}`, true)
]

const pause = (millis: number) => new Promise<void>((resolve) => setTimeout(resolve, millis))

interface Reply {
  readonly bytes: Buffer
  readonly closed: boolean
  readonly socket: Socket
}

/** Sends, and waits for the end of the connection, or for the answer and long enough to see that it stays open. */
const send = async (port: number, parts: ReadonlyArray<Buffer>, closes: boolean, end = false): Promise<Reply> => {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true })
  const chunks: Array<Buffer> = []
  let closed = false
  const answered = new Promise<void>((resolve) =>
    socket.on("data", (chunk) => {
      chunks.push(chunk)
      resolve()
    })
  )
  const over = new Promise<void>((resolve) =>
    socket.on("close", () => {
      closed = true
      resolve()
    })
  )
  socket.on("error", () => {})
  await new Promise<void>((resolve) => socket.once("connect", () => resolve()))
  for (const [index, part] of parts.entries()) {
    if (index > 0) await pause(40)
    socket.write(part)
  }
  // An end right behind would hide an answer that comes before it.
  if (end) await pause(100).then(() => socket.end())
  const patience = new AbortController()
  const late = sleep(10_000, undefined, { signal: patience.signal }).catch(() => {})
  await Promise.race([over, late, ...(closes ? [] : [answered.then(() => pause(100))])])
  patience.abort()
  return { bytes: Buffer.concat(chunks), closed, socket }
}

const lines = (text: string): ReadonlyArray<string> =>
  text
    .split(/\n\0?/)
    .filter((line) => line !== "" && !line.startsWith("old/unused"))
    .map((line) => line.replace(/fd = \d+/, "fd = N"))
    .toSorted()

/** An answer without what differs from daemon to daemon: creations, its port, numbers of connections, the order of lines. */
const shown = (port: number, answer: Buffer): string => {
  if (answer.length >= 4 && answer.readUInt32BE(0) === port) {
    return `0000pppp ${lines(answer.toString("latin1", 4)).join(", ")}`
  }
  const hex = answer.toString("hex")
  if (hex === "") return '""'
  return hex.replace(/^7600.{8}$/, "7600cccccccc").replace(/^7900.{4}$/, "7900cccc")
}

const listed = async (port: number): Promise<string> => {
  const { bytes: answer } = await send(port, [frame("n")], true)
  return lines(answer.toString("latin1", 4))
    .map((line) => line.slice("name ".length, line.lastIndexOf(" at port ")))
    .toSorted()
    .join(" ")
}

const observeRow = async (port: number, { end, expected, parts }: Row): Promise<string> => {
  const reply = await send(port, parts, expected.startsWith("closed"), end)
  const after = await listed(port)
  reply.socket.destroy()
  for (let turn = 0; turn < 50 && (await listed(port)) !== both; turn++) await pause(20)
  return `${reply.closed ? "closed" : "open"} ${shown(port, reply.bytes)} | ${after}`
}

/** What a daemon at a port of this host does with a row. */
export const observe = (port: number, each: Row): Effect.Effect<string> => Effect.promise(() => observeRow(port, each))

/** Two names that live as long as the scope. */
export const inhabit = (port: number) =>
  Effect.forEach(
    [alive("alpha", { extra: "gx1" }), alive("beta")],
    (request) =>
      Effect.acquireRelease(
        Effect.promise(() => send(port, [request], false)),
        ({ socket }) => Effect.sync(() => socket.destroy())
      ),
    { discard: true }
  )
