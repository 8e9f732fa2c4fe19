import * as Cause from "effect/Cause"
import { format } from "effect/Formatter"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { DiscoveryContext, Look, Source } from "../Discovery.ts"
import { DiscoveryError, DiscoveryReason, SourceBroken } from "../DiscoveryError.ts"

type Looks = (context: DiscoveryContext) => Stream.Stream<Look, DiscoveryError>

const stamp = (name: string, look: Look): Look =>
  look._tag === "Peers"
    ? { _tag: "Peers", source: name, peers: look.peers.map((peer) => ({ ...peer, source: name })) }
    : { _tag: "Unknown", source: name, error: look.error }

/** A single source: its looks and peers carry its name, and whatever goes wrong in it is its `DiscoveryError`. */
export const leaf = (name: string, looks: Looks): Source => ({
  name,
  looks: (context) =>
    Stream.suspend(() => looks(context)).pipe(
      Stream.map((look) => stamp(name, look)),
      Stream.catchCause((cause) => Stream.fail(asDiscoveryError(name, cause, broken)))
    )
})

/** The same source under another name. */
export const renamed = (source: Source, name: string): Source => {
  const rename = (error: DiscoveryError): DiscoveryError =>
    error.source === source.name ? new DiscoveryError({ source: name, reason: error.reason }) : error
  return leaf(name, (context) =>
    source.looks(context).pipe(
      Stream.map((look) => (look._tag === "Unknown" ? { ...look, error: rename(look.error) } : look)),
      Stream.mapError(rename)
    )
  )
}

const broken = (detail: string, cause: unknown): DiscoveryReason =>
  new SourceBroken({ detail: `the source broke: ${detail}`, cause })

const isReason = Schema.is(DiscoveryReason)

const describe = (error: unknown): string => {
  if (error instanceof Error) return error.message === "" ? error.name : error.message
  return typeof error === "string" ? error : format(error)
}

/**
 * Whatever a source failed with, as its `DiscoveryError`; `otherwise` makes the reason of what is none yet.
 *
 * An interruption counts too: the source caused it itself, for nobody asks what went wrong when its reader is interrupted.
 */
export const asDiscoveryError = (
  source: string,
  cause: Cause.Cause<unknown>,
  otherwise: (detail: string, cause: unknown) => DiscoveryReason
): DiscoveryError => {
  const error = Cause.squash(cause)
  if (error instanceof DiscoveryError) return error
  if (isReason(error)) return new DiscoveryError({ source, reason: error })
  const detail = Cause.hasInterruptsOnly(cause) ? "it interrupted itself" : describe(error)
  return new DiscoveryError({ source, reason: otherwise(detail, error) })
}
