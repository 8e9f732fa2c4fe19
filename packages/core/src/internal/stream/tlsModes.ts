import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { constants } from "node:crypto"
import type { LinkProof, Psk } from "../../Transport.ts"
import { certificateNames } from "./certificateNames.ts"
import { isCertificateError } from "./errors.ts"
import type { TlsMaterial } from "./tlsMaterial.ts"

/** What a stream proves, or one sentence about what is missing. @category models @since 0.1.0 */
export type Proof = Result.Result<LinkProof, string>

/** What a proof asks of a TLS socket of Node once its handshake is done. @category models @since 0.1.0 */
export interface TlsStream {
  readonly alpnProtocol: string | false | null
  readonly authorized: boolean
  readonly authorizationError: unknown
  getProtocol(): string | null
  getPeerX509Certificate(): { readonly subjectAltName?: string | undefined } | undefined
  isSessionReused(): boolean
  exportKeyingMaterial(length: number, label: string, context: Uint8Array): Uint8Array
}

/**
 * How a security mode sets TLS up: `context` is for `tls.createSecureContext`, which throws when a certificate is none, `server` for
 * `tls.createServer`, and `client`, with the made context, for `tls.connect`.
 *
 * @category models
 * @since 0.1.0
 */
export interface TlsMode {
  readonly context: {
    readonly minVersion: "TLSv1.3"
    readonly ca: string | Array<string>
    readonly cert?: string
    readonly key?: string
    readonly ciphers?: string
    readonly ecdhCurve?: string
  }
  readonly server: {
    readonly minVersion: "TLSv1.3"
    readonly ALPNProtocols: Array<string>
    readonly handshakeTimeout: number
    readonly secureOptions: number
    readonly cert?: string
    readonly key?: string
    readonly ca: string | Array<string>
    readonly requestCert?: boolean
    readonly rejectUnauthorized?: boolean
    readonly ciphers?: string
    readonly ecdhCurve?: string
    readonly pskCallback?: (socket: object, identity: string) => Uint8Array | null
  }
  readonly client: {
    readonly minVersion: "TLSv1.3"
    readonly ALPNProtocols: Array<string>
    readonly checkServerIdentity?: () => undefined
    readonly pskCallback?: () => { readonly psk: Uint8Array; readonly identity: string }
  }
  readonly proveAccepted: (socket: TlsStream) => Proof
  readonly proveDialed: (socket: TlsStream) => Proof
  /** Why a handshake failed, where the mode knows it better than the error. */
  readonly explain: (error: Error) => string | undefined
}

/** What both ends of every encrypted stream insist on. */
const common = (alpn: string) => ({ minVersion: "TLSv1.3" as const, ALPNProtocols: [alpn] })

const listening = (alpn: string) => ({
  ...common(alpn),
  // Milliseconds of silence; the listener's own deadline holds for a peer that sends a byte now and then.
  handshakeTimeout: 5000,
  // Node takes no session back then, so that each stream is proved by a key or a certificate of its own.
  secureOptions: constants.SSL_OP_NO_TICKET
})

/** The socket, once both ends have agreed on TLS 1.3 and the protocol in it. */
const secured = (stream: TlsStream, alpn: string): Result.Result<TlsStream, string> => {
  if (stream.getProtocol() !== "TLSv1.3") return Result.fail(`the stream is ${stream.getProtocol()} and not TLSv1.3`)
  if (stream.alpnProtocol !== alpn) return Result.fail(`the other end speaks TLS but not ${alpn}`)
  return Result.succeed(stream)
}

/** A TLS exporter with an empty context, 32 bytes (RFC 8446 section 7.5). */
const exported = (stream: TlsStream, label: string): Uint8Array =>
  stream.exportKeyingMaterial(32, label, Buffer.alloc(0))

/** The channel binding of RFC 9266. */
const channelBinding = (stream: TlsStream): Uint8Array => exported(stream, "EXPORTER-Channel-Binding")

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
const provePsk = (socket: TlsStream, alpn: string, identity: string | undefined): Proof =>
  Result.flatMap(secured(socket, alpn), (stream): Proof => {
    if (stream.getPeerX509Certificate() !== undefined) return Result.fail(certificateShown)
    if (!stream.isSessionReused() || identity === undefined) return Result.fail("the pre-shared key was not used")
    return Result.succeed({ _tag: "Psk", identity, channelBinding: channelBinding(stream) })
  })

/** TLS 1.3 with pre-shared keys; `alpn` names what runs in it. @category constructors @since 0.1.0 */
export const pskMode = (psks: ReadonlyArray<Psk>, alpn: string): Result.Result<TlsMode, string> => {
  const [first] = psks
  if (first === undefined) return Result.fail("security psk needs a cookie: there is no pre-shared key without one")
  const presented = new WeakMap<object, string>()
  return Result.succeed({
    context: { minVersion: "TLSv1.3", ciphers, ecdhCurve, ca: [] },
    server: {
      ...listening(alpn),
      // None: Node would load its own roots for a listener that asks for no certificate.
      ca: [],
      ciphers,
      ecdhCurve,
      pskCallback: (socket, identity) => {
        const psk = psks.find((one) => one.identity === identity)
        if (psk === undefined) return null
        presented.set(socket, identity)
        return Redacted.value(psk.key)
      }
    },
    client: {
      ...common(alpn),
      pskCallback: () => ({ psk: Redacted.value(first.key), identity: first.identity })
    },
    proveAccepted: (socket) => provePsk(socket, alpn, presented.get(socket)),
    proveDialed: (socket) => provePsk(socket, alpn, first.identity),
    explain: (error) => (isCertificateError(error) ? certificateShown : undefined)
  })
}

const proveMtls = (socket: TlsStream, alpn: string): Proof =>
  Result.flatMap(secured(socket, alpn), (stream): Proof => {
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

const pem = (bytes: string | Uint8Array): string =>
  typeof bytes === "string" ? bytes : new TextDecoder("latin1").decode(bytes)

const isMany = <A>(one: A | ReadonlyArray<A>): one is ReadonlyArray<A> => Array.isArray(one)

/** Roots in the form that Node takes. @category conversions @since 0.1.0 */
export const pemsOf = (ca: TlsMaterial["ca"]): string | Array<string> => (isMany(ca) ? ca.map(pem) : pem(ca))

/** TLS 1.3 where both ends show certificates; `alpn` names what runs in it. @category constructors @since 0.1.0 */
export const mtlsMode = (material: TlsMaterial | undefined, alpn: string): Result.Result<TlsMode, string> => {
  if (material === undefined)
    return Result.fail(
      "security mtls needs options.tls, with cert, key and ca; in a configuration file tls: { certFile, keyFile, caFile }"
    )
  const own = { cert: pem(material.cert), key: pem(Redacted.value(material.key)), ca: pemsOf(material.ca) }
  return Result.succeed({
    context: { ...own, minVersion: "TLSv1.3" },
    // Node would close a stream it does not authorize without a word; `proveAccepted` refuses it with its reason.
    server: { ...listening(alpn), ...own, requestCert: true, rejectUnauthorized: false },
    client: {
      ...common(alpn),
      // Who is there is judged by core, from the certificate's names: an address is never an identity.
      checkServerIdentity: () => undefined
    },
    proveAccepted: (socket) => proveMtls(socket, alpn),
    proveDialed: (socket) => proveMtls(socket, alpn),
    explain: () => undefined
  })
}

/** What is said when the certificates of `options.tls` are none. @category conversions @since 0.1.0 */
export const unusable = (error: unknown): string =>
  `options.tls is not usable (${error instanceof Error ? error.message : String(error)}): cert, key and ca are PEM texts, and the key fits the certificate`
