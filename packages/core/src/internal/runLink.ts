import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import { TransportError } from "../TransportError.ts"
import type { Engine } from "./engine.ts"
import type { Link } from "./link.ts"

/** For connection and handshake together, on either side (GC/1 section 2). */
export const handshakeTimeout = 5_000

/** For the other side to close, or for what is written to go out, once a link shall end. */
const closingTime = "1 second"

export const detailOf = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  return error instanceof Error ? error.message : String(error)
}

/** Streams end in many ways; a defect is ours. */
export const logEnd = (engine: Engine, text: string, cause: Cause.Cause<unknown>, link: Link): void => {
  if (Cause.hasInterruptsOnly(cause)) return
  const fields = { peer: link.name, remote: link.connection.remote }
  if (Cause.hasDies(cause)) return engine.journal.log("Error", `${text} by a defect: ${Cause.pretty(cause)}`, fields)
  const line = `${text}: ${detailOf(cause)}`
  if (isNoFrame(Cause.squash(cause))) engine.journal.warn(`no frame ${link.name}`, line, fields)
  else engine.journal.log("Debug", line, fields)
}

/** A peer that sends what is no frame is broken, or no gc: worth a warning, once a minute. */
const isNoFrame = (error: unknown): boolean =>
  error instanceof TransportError && (error.reason._tag === "FrameTooLarge" || error.reason._tag === "FrameMalformed")

/** Runs a link until it is over; `rest` are frames that came together with the last one of the handshake. */
export const runLink = (engine: Engine, link: Link, rest: ReadonlyArray<Uint8Array>): Effect.Effect<void> => {
  const grace = Effect.sleep(closingTime)
  const closing = Effect.callback<void>((resume) => link.whenClosing(() => resume(grace)))
  const writer = Effect.catchCause(link.writer, (cause) =>
    Cause.hasFails(cause) && !Cause.hasDies(cause) ? grace : Effect.failCause(cause)
  )
  return Effect.raceAllFirst([link.reader(rest), writer, closing]).pipe(
    Effect.catchCause((cause) => Effect.sync(() => logEnd(engine, "a link ended", cause, link))),
    Effect.ensuring(Effect.sync(() => engine.dropLink(link)))
  )
}
