import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { connect, type Socket } from "node:net"
import { Dropped, EpmdError, type EpmdReason, Malformed, NoAnswer, OptionInvalid, Unreachable } from "../EpmdError.ts"
import { type Request, encodeRequest } from "./codec.ts"

/** Which epmd, and how long it may take. */
export interface Endpoint {
  readonly host: string
  readonly port: number
  readonly timeout: Duration.Duration
}

export const failure = ({ host, port }: Endpoint, reason: EpmdReason): EpmdError =>
  new EpmdError({ host, port, reason })

/** Of options that may be anything: no error may be wrong, too. */
export const invalid = (host: unknown, port: unknown, detail: string): EpmdError =>
  new EpmdError({
    host: typeof host === "string" ? host : "?",
    port: typeof port === "number" && Number.isFinite(port) ? port : 4369,
    reason: new OptionInvalid({ detail })
  })

export const codeOf = (error: Error): string => ("code" in error ? String(error.code) : error.name)

/** The whole answer is read; half of it is `"more"`. */
type Read<A> = { readonly done: A } | "more"

interface Exchange<A> {
  readonly request: Request
  /** The longest answer that is believed, in bytes. */
  readonly limit: number
  /** What came so far; `ended` when nothing will follow. Throws what is wrong with it. */
  readonly read: (bytes: Buffer, ended: boolean) => Read<A>
  /** Takes the socket after the answer, open as it is; it is closed otherwise. */
  readonly keep?: (socket: Socket) => void
}

/** One request and its answer. */
export const exchange = <A>(endpoint: Endpoint, { keep, limit, read, request }: Exchange<A>) =>
  Effect.callback<A, EpmdError>((resume) => {
    const socket = connect({ host: endpoint.host, port: endpoint.port, noDelay: true })
    const chunks: Array<Buffer> = []
    let length = 0
    let connected = false
    let over = false
    const fail = (reason: EpmdReason): void => {
      socket.destroy()
      resume(Effect.fail(failure(endpoint, reason)))
    }
    const take = (ended: boolean): void => {
      const answer = read(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks), ended)
      if (answer === "more") return ended ? fail(new Dropped({})) : undefined
      over = true
      if (keep === undefined) socket.destroy()
      else keep(socket)
      resume(Effect.succeed(answer.done))
    }
    const tryTake = (ended: boolean): void => {
      try {
        take(ended)
      } catch (error) {
        fail(new Malformed({ detail: error instanceof Error ? error.message : String(error) }))
      }
    }
    socket.on("connect", () => {
      connected = true
      socket.write(encodeRequest(request))
    })
    socket.on("data", (chunk) => {
      if (over) return
      length += chunk.length
      if (length > limit) return fail(new Malformed({ detail: `it answers more than ${limit} bytes` }))
      chunks.push(chunk)
      tryTake(false)
    })
    socket.on("end", () => {
      if (!over) tryTake(true)
    })
    // An error that nobody listens for would end the process, later too.
    socket.on("error", (error) => fail(connected ? new Dropped({}) : new Unreachable({ code: codeOf(error) })))
    socket.on("close", () => fail(new Dropped({})))
    return Effect.sync(() => socket.destroy())
  }).pipe(
    Effect.timeoutOrElse({
      duration: endpoint.timeout,
      orElse: () => Effect.fail(failure(endpoint, new NoAnswer({ millis: Duration.toMillis(endpoint.timeout) })))
    })
  )
