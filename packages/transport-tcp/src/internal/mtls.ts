import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type { Socket } from "node:net"
import * as tls from "node:tls"
import type { TlsMaterial } from "../Tcp.ts"
import { certificateNames } from "./certificateNames.ts"
import type { Proof, Streams } from "./streams.ts"
import { channelBinding, createServer, exported, secured, tlsOptions } from "./tls.ts"

const prove = (socket: Socket): Proof =>
  Result.flatMap(secured(socket), (stream): Proof => {
    const certificate = stream.getPeerX509Certificate()
    if (certificate === undefined) return Result.fail("the other end shows no certificate")
    if (!stream.authorized) {
      return Result.fail(`the other end's certificate is not accepted (${String(stream.authorizationError)})`)
    }
    return Result.succeed({
      _tag: "Mtls",
      names: certificateNames(certificate.subjectAltName ?? ""),
      channelBinding: channelBinding(stream),
      exporterKey: Redacted.make(exported(stream, "EXPORTER-gch1-key"))
    })
  })

type Pem = string | Buffer

const pem = (bytes: string | Uint8Array): Pem => (typeof bytes === "string" ? bytes : Buffer.from(bytes))

const isMany = <A>(one: A | ReadonlyArray<A>): one is ReadonlyArray<A> => Array.isArray(one)

const contextOptions = (material: TlsMaterial) => ({
  cert: pem(material.cert),
  key: pem(Redacted.value(material.key)),
  ca: isMany(material.ca) ? material.ca.map(pem) : pem(material.ca)
})

const make = (material: TlsMaterial): Result.Result<Streams, string> =>
  Result.try({
    try: () => {
      const options = contextOptions(material)
      const secureContext = tls.createSecureContext({ ...options, minVersion: tlsOptions.minVersion })
      return {
        protocol: "tls",
        // Node would close a stream it does not authorize without a word; `prove` refuses it with its reason.
        serve: (socketOptions) =>
          createServer({ ...socketOptions, ...options, requestCert: true, rejectUnauthorized: false }),
        proveAccepted: prove,
        connect: (target) =>
          tls.connect({
            ...tlsOptions,
            ...target,
            secureContext,
            // Who is there is judged by core, from the certificate's names: an address is never an identity.
            checkServerIdentity: () => undefined
          }),
        proveDialed: prove,
        explain: () => undefined
      } satisfies Streams
    },
    catch: (error) =>
      `options.tls is not usable (${error instanceof Error ? error.message : String(error)}): cert, key and ca are PEM texts, and the key fits the certificate`
  })

const made = new WeakMap<TlsMaterial, Result.Result<Streams, string>>()

/** Reads the certificates once, however often is dialed. @internal */
export const mtlsStreams = (material: TlsMaterial | undefined): Result.Result<Streams, string> => {
  if (material === undefined)
    return Result.fail(
      "security mtls needs options.tls, with cert, key and ca; in a configuration file tls: { certFile, keyFile, caFile }"
    )
  const streams = made.get(material) ?? make(material)
  made.set(material, streams)
  return streams
}
