import type { Psk } from "@gc/core/Transport"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type { Socket } from "node:net"
import * as tls from "node:tls"
import { isCertificateError } from "./errors.ts"
import type { Proof, Streams } from "./streams.ts"
import { channelBinding, createServer, secured, tlsOptions } from "./tls.ts"

/** TLS 1.3 uses a pre-shared key with the suites of its hash only, which is SHA-256. */
const ciphers = "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256"

/**
 * Without the hybrid with ML-KEM that OpenSSL prefers from 3.5 on: it costs a fifth of the handshake here, and whoever breaks the curve
 * one day needs the pre-shared key as well.
 */
const ecdhCurve = "X25519:P-256"

const certificateShown = "the other end shows a certificate and did not use the pre-shared key"

/**
 * Node falls back to certificates silently when the keys do not meet, at both ends: only a stream without any, which counts
 * as a resumed session, was made with the key.
 */
const prove = (socket: Socket, identity: string | undefined): Proof =>
  Result.flatMap(secured(socket), (stream): Proof => {
    if (stream.getPeerX509Certificate() !== undefined) return Result.fail(certificateShown)
    if (!stream.isSessionReused() || identity === undefined) return Result.fail("the pre-shared key was not used")
    return Result.succeed({ _tag: "Psk", identity, channelBinding: channelBinding(stream) })
  })

const make = (psks: ReadonlyArray<Psk>): Result.Result<Streams, string> => {
  const [first] = psks
  if (first === undefined) return Result.fail("security psk needs a cookie: there is no pre-shared key without one")
  const secureContext = tls.createSecureContext({ minVersion: tlsOptions.minVersion, ciphers, ecdhCurve, ca: [] })
  const presented = new WeakMap<Socket, string>()
  return Result.succeed({
    protocol: "tls",
    serve: (options) =>
      createServer({
        ...options,
        ciphers,
        ecdhCurve,
        pskCallback: (socket, identity) => {
          const psk = psks.find((one) => one.identity === identity)
          if (psk === undefined) return null
          presented.set(socket, identity)
          return Redacted.value(psk.key)
        }
      }),
    proveAccepted: (socket) => prove(socket, presented.get(socket)),
    connect: (options) =>
      tls.connect({
        ...tlsOptions,
        ...options,
        secureContext,
        pskCallback: () => ({ psk: Redacted.value(first.key), identity: first.identity })
      }),
    proveDialed: (socket) => prove(socket, first.identity),
    explain: (error) => (isCertificateError(error) ? certificateShown : undefined)
  })
}

const made = new WeakMap<ReadonlyArray<Psk>, Result.Result<Streams, string>>()

/** Sets TLS up once for a cluster's keys, however often is dialed. @internal */
export const pskStreams = (psks: ReadonlyArray<Psk>): Result.Result<Streams, string> => {
  const streams = made.get(psks) ?? make(psks)
  made.set(psks, streams)
  return streams
}
