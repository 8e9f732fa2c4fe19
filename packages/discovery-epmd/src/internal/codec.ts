/**
 * The protocol of epmd: bytes from requests and answers, and back. Pure.
 *
 * Names travel as bytes of any kind: here a text of one character per byte (latin1), so that they come back as they came.
 * Source: *Distribution Protocol*, "EPMD Protocol", of the Erlang Run-Time System Application (ERTS) User's Guide.
 */

/** The first byte of requests and answers. */
const tags = {
  dump: 100,
  kill: 107,
  names: 110,
  stop: 115,
  aliveX: 118,
  port2: 119,
  alive2: 120,
  alive: 121,
  portPlease2: 122
} as const

/** What a node registers. `name` and `extra` have one character per byte. */
export interface Entry {
  readonly name: string
  readonly port: number
  /** 77 for a normal node, 72 for a hidden one. */
  readonly type: number
  readonly protocol: number
  readonly highest: number
  readonly lowest: number
  readonly extra: string
}

export type Request =
  | { readonly _tag: "Alive2"; readonly entry: Entry }
  | { readonly _tag: "PortPlease2"; readonly name: string }
  | { readonly _tag: "Names" }
  | { readonly _tag: "Dump" }
  | { readonly _tag: "Kill" }
  | { readonly _tag: "Stop"; readonly name: string }

/** What Erlang's own epmd accepts, in bytes: seen in 25.2.3. */
export const sizes = {
  /** The body of a request. */
  request: 3_072,
  /** A name that is registered. */
  name: 255,
  /** A name that is asked for. */
  askedName: 254,
  extra: 1_020
} as const

const latin1 = (text: string): Buffer => Buffer.from(text, "latin1")

const body = (tag: number, rest = ""): Buffer => Buffer.concat([Buffer.of(tag), latin1(rest)])

/** `port 2 · type 1 · protocol 1 · highest 2 · lowest 2 · name 2+n · extra 2+n` */
const encodeEntry = (entry: Entry): Buffer => {
  const [name, extra] = [latin1(entry.name), latin1(entry.extra)]
  const bytes = Buffer.alloc(12 + name.length + extra.length)
  bytes.writeUInt16BE(entry.port, 0)
  bytes.writeUInt8(entry.type, 2)
  bytes.writeUInt8(entry.protocol, 3)
  bytes.writeUInt16BE(entry.highest, 4)
  bytes.writeUInt16BE(entry.lowest, 6)
  bytes.writeUInt16BE(name.length, 8)
  name.copy(bytes, 10)
  bytes.writeUInt16BE(extra.length, 10 + name.length)
  extra.copy(bytes, 12 + name.length)
  return bytes
}

/** `undefined` when a length says more than there is. What follows the extra is nobody's. */
const decodeEntry = (bytes: Buffer): Entry | undefined => {
  if (bytes.length < 12) return undefined
  const nameEnd = 10 + bytes.readUInt16BE(8)
  if (bytes.length < nameEnd + 2) return undefined
  const extraEnd = nameEnd + 2 + bytes.readUInt16BE(nameEnd)
  if (bytes.length < extraEnd) return undefined
  return {
    port: bytes.readUInt16BE(0),
    type: bytes.readUInt8(2),
    protocol: bytes.readUInt8(3),
    highest: bytes.readUInt16BE(4),
    lowest: bytes.readUInt16BE(6),
    name: bytes.toString("latin1", 10, nameEnd),
    extra: bytes.toString("latin1", nameEnd + 2, extraEnd)
  }
}

const encodeBody = (request: Request): Buffer => {
  switch (request._tag) {
    case "Alive2":
      return Buffer.concat([Buffer.of(tags.alive2), encodeEntry(request.entry)])
    case "PortPlease2":
      return body(tags.portPlease2, request.name)
    case "Names":
      return body(tags.names)
    case "Dump":
      return body(tags.dump)
    case "Kill":
      return body(tags.kill)
    case "Stop":
      return body(tags.stop, request.name)
  }
}

/** A request as it is sent: two bytes of length, and the body. */
export const encodeRequest = (request: Request): Buffer => {
  const bytes = encodeBody(request)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** The request in a body, or `undefined` for what Erlang's epmd closes the connection without a word. */
export const decodeRequest = (bytes: Buffer): Request | undefined => {
  const [tag] = bytes
  const rest = bytes.subarray(1)
  switch (tag) {
    case tags.names:
      return { _tag: "Names" }
    case tags.dump:
      return { _tag: "Dump" }
    case tags.kill:
      return { _tag: "Kill" }
    case tags.stop:
      return { _tag: "Stop", name: rest.toString("latin1") }
    case tags.portPlease2: {
      if (rest.length === 0 || rest.length > sizes.askedName) return undefined
      const name = rest.toString("latin1").replace(/\0$/, "")
      return name.includes("\0") ? undefined : { _tag: "PortPlease2", name }
    }
    case tags.alive2: {
      // A request of 13 bytes has neither name nor extra.
      const entry = bytes.length > 13 ? decodeEntry(rest) : undefined
      return entry === undefined || entry.name.includes("\0") ? undefined : { _tag: "Alive2", entry }
    }
    default:
      return undefined
  }
}

/** The answer to a registration. Since version 6 of the distribution a creation has 32 bits. */
export const encodeAlive = (highest: number, ok: boolean, creation: number): Buffer => {
  const wide = highest >= 6
  const bytes = Buffer.alloc(wide ? 6 : 4)
  bytes.writeUInt8(wide ? tags.aliveX : tags.alive, 0)
  bytes.writeUInt8(ok ? 0 : 1, 1)
  if (wide) bytes.writeUInt32BE(ok ? creation : 99, 2)
  else bytes.writeUInt16BE(ok ? (creation % 3) + 1 : 99, 2)
  return bytes
}

/** Half an answer is `"more"`; `undefined` is none at all. */
export const decodeAlive = (
  bytes: Buffer
): { readonly ok: boolean; readonly creation: number } | "more" | undefined => {
  if (bytes.length === 0) return "more"
  const [tag, result] = bytes
  if (tag !== tags.aliveX && tag !== tags.alive) return undefined
  const length = tag === tags.aliveX ? 6 : 4
  if (bytes.length < length) return "more"
  if (bytes.length > length) return undefined
  return { ok: result === 0, creation: tag === tags.aliveX ? bytes.readUInt32BE(2) : bytes.readUInt16BE(2) }
}

/** The answer to a question for a name; nobody has it: two bytes. */
export const encodePort = (entry: Entry | undefined): Buffer =>
  entry === undefined ? Buffer.of(tags.port2, 1) : Buffer.concat([Buffer.of(tags.port2, 0), encodeEntry(entry)])

/** The whole answer to a question for a name, or `undefined` when it is none. */
export const decodePort = (bytes: Buffer): { readonly entry: Entry | undefined } | undefined => {
  const [tag, result] = bytes
  if (tag !== tags.port2 || result === undefined) return undefined
  if (result !== 0) return { entry: undefined }
  const entry = decodeEntry(bytes.subarray(2))
  return entry === undefined ? undefined : { entry }
}

/** A line of the answer to NAMES. */
export interface Line {
  readonly name: string
  readonly port: number
}

const withPort = (port: number, text: string): Buffer => {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(port)
  return Buffer.concat([head, latin1(text)])
}

const lineEnd = 10

export const encodeNames = (port: number, lines: Iterable<Line>): Buffer =>
  withPort(port, Array.from(lines, (line) => `name ${line.name} at port ${line.port}\n`).join(""))

/**
 * The whole answer to NAMES, or `undefined` when it is none, or does not end with a line: a part of it is not all names.
 * A name may hold blanks and even line ends, so lines are read from the right, and what is no line is left out: who registered
 * a line end in a name makes others up, which PORT_PLEASE2 then does not know.
 */
export const decodeNames = (
  bytes: Buffer
): { readonly port: number; readonly lines: ReadonlyArray<Line> } | undefined => {
  if (bytes.length < 4 || bytes.readUInt32BE(0) > 65_535) return undefined
  if (bytes.length > 4 && bytes.at(-1) !== lineEnd) return undefined
  const lines: Array<Line> = []
  for (const text of bytes.toString("latin1", 4).split("\n")) {
    const [whole, name = "", port = ""] = /^name (.*) at port (\d{1,5})$/s.exec(text) ?? []
    if (whole !== undefined && Number(port) <= 65_535) lines.push({ name, port: Number(port) })
  }
  return { port: bytes.readUInt32BE(0), lines }
}

/** What a person asks for: each line ends with `\n\0`. `handle` tells one connection from another. */
export const encodeDump = (port: number, lines: Iterable<Line & { readonly handle: number }>): Buffer =>
  withPort(
    port,
    Array.from(lines, (line) => `active name     <${line.name}> at port ${line.port}, fd = ${line.handle}\n\0`).join("")
  )
