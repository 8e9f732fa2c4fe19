import * as Transport from "../../TransportError.ts"
import type { Remote } from "./byteStream.ts"

/** What befell a connection. */
export const failure = ({ text, transport }: Remote, reason: Transport.TransportReason): Transport.TransportError =>
  new Transport.TransportError({ transport, address: text, reason })

const codeOf = (error: unknown): string => {
  const code = error instanceof Error && "code" in error ? error.code : undefined
  return typeof code === "string" ? code : ""
}

const unresolved = /^(ENOTFOUND|EAI_)/
const unreachable: ReadonlySet<string> = new Set([
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EHOSTDOWN",
  "ENETDOWN",
  "ENONET",
  "ETIMEDOUT"
])
const cut: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE", "ECONNABORTED", "ENOTCONN", "ETIMEDOUT"])
const certificate =
  /^(ERR_TLS_CERT_|CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_|HOSTNAME_MISMATCH|PATH_LENGTH_)/

/** One error of several attempts: a machine counts as refusing only when none of its addresses stayed silent. */
const representative = (error: unknown): unknown => {
  if (!(error instanceof AggregateError)) return error
  const errors: ReadonlyArray<unknown> = error.errors
  return (
    errors.find((one) => codeOf(one) === "ETIMEDOUT") ??
    errors.find((one) => codeOf(one) === "ECONNREFUSED") ??
    errors[0] ??
    error
  )
}

/** Whether a TLS handshake failed over the other end's certificate. */
export const isCertificateError = (error: unknown): boolean => certificate.test(codeOf(error))

/** What the codes of OpenSSL mean to who runs a cluster. */
const tlsHints: ReadonlyArray<readonly [code: RegExp, hint: string]> = [
  [/WRONG_VERSION_NUMBER/, "the other end does not speak TLS here: both ends need the same security"],
  [/ALERT_(DECRYPT_ERROR|ILLEGAL_PARAMETER)/, "the other end has another key: another cookie"],
  [
    /ALERT_HANDSHAKE_FAILURE/,
    "the other end has nothing in common: another cluster, another cookie or another security"
  ],
  [/ALERT_(NO_APPLICATION_PROTOCOL|PROTOCOL_VERSION)/, "the other end speaks TLS but is not gc"],
  [/ALERT_CERTIFICATE_REQUIRED/, "the other end wants a certificate: both ends need the same security"]
]

const insecure = (error: Error, code: string): Transport.SecurityFailed => {
  const hint = tlsHints.find(([pattern]) => pattern.test(code))?.[1]
  const reason = "reason" in error && typeof error.reason === "string" ? error.reason : error.message
  return new Transport.SecurityFailed({ detail: `${hint ?? reason} (${code})` })
}

const general = (error: unknown, code: string): Transport.TransportReason => {
  if (code === "ECONNREFUSED") return new Transport.Refused({})
  if (code === "EADDRINUSE") return new Transport.AddressInUse({})
  if (code === "EADDRNOTAVAIL") return new Transport.AddressUnavailable({})
  if (unresolved.test(code)) return new Transport.HostUnknown({ code })
  if (error instanceof Error && (/^(ERR_SSL_|ERR_TLS_|EPROTO$)/.test(code) || isCertificateError(error))) {
    return insecure(error, code)
  }
  if (code === "EACCES") {
    return new Transport.TransportFailed({
      detail: "permission denied (EACCES): a port below 1024 or a firewall rule; choose another port",
      cause: error
    })
  }
  const detail = error instanceof Error ? error.message : String(error)
  return new Transport.TransportFailed({ detail, cause: error })
}

/** Why nothing could be opened: an error of `listen` or `connect`. */
export const openReason = (error: unknown): Transport.TransportReason => {
  const one = representative(error)
  const code = codeOf(one)
  if (unreachable.has(code)) return new Transport.Unreachable({ code })
  if (cut.has(code)) return new Transport.Reset({ code })
  return general(one, code)
}

/** Why an open stream ended: an error of Node, or a reason that the transport knows itself. */
export const streamReason = (error: unknown): Transport.TransportReason => {
  if (error instanceof Transport.FrameMalformed) return error
  const code = codeOf(error)
  if (cut.has(code) || unreachable.has(code)) return new Transport.Reset({ code })
  return general(error, code)
}

/** The word for an error in a metric's attribute: its errno or OpenSSL code. */
export const errorCode = (error: unknown): string => codeOf(error) || "unknown"
