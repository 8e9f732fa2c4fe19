import type { Address } from "@gc/core/Address"
import * as Effect from "effect/Effect"
import * as net from "node:net"
import * as tls from "node:tls"

/** How a listener secures its streams, as far as a stranger can tell. */
export type Spoken = "plain" | "psk" | "mtls"

const patience = "3 seconds"

/** Whether a TCP connection comes about at all: a machine that is there, a firewall that lets through, and a port that is open. */
export const takesConnections = ({ host, port }: Address): Effect.Effect<boolean> =>
  Effect.callback<boolean>((resume) => {
    const socket = net.connect({ host, port })
    const end = (takes: boolean): void => {
      socket.destroy()
      resume(Effect.succeed(takes))
    }
    socket.on("connect", () => end(true))
    socket.on("error", () => end(false))
    return Effect.sync(() => void socket.destroy())
  }).pipe(Effect.timeoutOrElse({ duration: patience, orElse: () => Effect.succeed(false) }))

const codeOf = (error: Error): string => ("code" in error && typeof error.code === "string" ? error.code : "")

/**
 * How the streams of a listener are secured: who shows a certificate has `mtls`, who speaks TLS and takes no stranger has `psk`,
 * and who answers TLS with something else, or with the end, has `plain`, or is no node at all. Nothing is sent but the beginning
 * of a TLS handshake. `undefined`: it does not answer, or no TCP leads there.
 */
export const spokenAt = ({ host, port, protocol }: Address): Effect.Effect<Spoken | undefined> => {
  if (protocol !== "tcp" && protocol !== "tls") return Effect.succeed(undefined)
  return Effect.callback<Spoken | undefined>((resume) => {
    const socket = tls.connect({
      host,
      port,
      minVersion: "TLSv1.3",
      ALPNProtocols: ["gc/1"],
      // Whether the certificate is good does not matter here: nothing follows.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined
    })
    const end = (spoken: Spoken | undefined): void => {
      socket.destroy()
      resume(Effect.succeed(spoken))
    }
    let isConnected = false
    socket.on("connect", () => (isConnected = true))
    socket.on("secureConnect", () => end("mtls"))
    socket.on("error", (error) => {
      if (/ALERT/.test(codeOf(error))) return end("psk")
      end(isConnected ? "plain" : undefined)
    })
    socket.on("close", () => end(isConnected ? "plain" : undefined))
    return Effect.sync(() => void socket.destroy())
  }).pipe(Effect.timeoutOrElse({ duration: patience, orElse: () => Effect.succeed(undefined) }))
}
