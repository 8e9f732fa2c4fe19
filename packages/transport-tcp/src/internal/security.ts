import * as Transport from "@gc/core/Transport"
import * as Result from "effect/Result"
import * as net from "node:net"
import { mtlsStreams } from "./mtls.ts"
import { pskStreams } from "./psk.ts"
import type { Settings } from "./settings.ts"
import type { Proof, Streams } from "./streams.ts"

const provePlain = (): Proof => Result.succeed({ _tag: "Plain" })

const plainStreams: Streams = {
  protocol: "tcp",
  serve: (options) => net.createServer(options),
  proveAccepted: provePlain,
  connect: (options) => net.connect(options),
  proveDialed: provePlain,
  explain: () => undefined
}

/** @internal */
export const modeOf = (settings: Settings, security: Transport.LinkSecurity): Transport.SecurityMode =>
  settings.security ?? security.mode

/** The streams of a mode, or why there are none. @internal */
export const streamsOf = (
  mode: Transport.SecurityMode,
  settings: Settings,
  security: Transport.LinkSecurity
): Result.Result<Streams, Transport.TransportReason> => {
  if (mode === "plain") return Result.succeed(plainStreams)
  const streams = mode === "psk" ? pskStreams(security.psks) : mtlsStreams(settings.tls)
  return Result.mapError(streams, (detail) => new Transport.SecurityFailed({ detail }))
}
