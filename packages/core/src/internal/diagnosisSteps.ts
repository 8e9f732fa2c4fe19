import * as Cause from "effect/Cause"
import type { DiagnosisReason, DiagnosisStep } from "../Diagnosis.ts"
import { codeName, codes } from "../protocol/decisions.ts"
import { limits } from "../protocol/figures.ts"
import type { LinkProof, SecurityMode } from "../Transport.ts"
import { TransportError } from "../TransportError.ts"

type Name = DiagnosisStep["step"]

export const done = (step: Name, detail: string): DiagnosisStep => ({ step, ok: true, detail })

export const broken = (step: Name, reason: DiagnosisReason, detail: string, remedy: string): DiagnosisStep => ({
  step,
  ok: false,
  reason,
  detail,
  remedy
})

/** There is somebody, and no more is known. */
export const taken = done("connect", "the machine takes the connection")

/** Why there is no stream. */
export const dialFailed = (mode: SecurityMode, cause: Cause.Cause<TransportError>): ReadonlyArray<DiagnosisStep> => {
  const error = Cause.squash(cause)
  const detail = error instanceof Error ? error.message : String(error)
  const { address, reason } = error instanceof TransportError ? error : { address: "", reason: undefined }
  switch (reason?._tag) {
    case "HostUnknown":
      return [
        broken("connect", "host_unknown", detail, "check the spelling of the host, and the resolver of this machine")
      ]
    case "Refused":
      return [broken("connect", "refused", detail, "start the node, or correct the port")]
    case "ConnectTimeout": {
      if (reason.taken === true) return [taken, silence("secure")]
      const remedy =
        "let the firewall, security group or network policy pass this port, and check that the machine is up"
      return [broken("connect", "no_answer", detail, remedy)]
    }
    case "SecurityFailed":
      return [taken, ofTls(mode, reason.detail)]
    case "UpgradeRefused": {
      const found = `HTTP ${reason.status} and no upgrade to a WebSocket`
      return [taken, broken("secure", "upgrade_refused", found, reason.remedy)]
    }
    case "Reset":
    case "Closed": {
      // Over a WebSocket the request comes before a word of gc, so that a certificate is refused while it is asked.
      if (mode === "mtls" && /^wss?:/.test(address)) return [taken, certificateRefused("secure")]
      const remedy =
        "it hung up on the secure stream: is it a gc node, with the same security? see what it logs at this moment"
      return [taken, broken("secure", "no_gc_node", detail, remedy)]
    }
    case "PlaintextRefused":
      return [broken("secure", "plaintext_refused", detail, "use security psk or mtls")]
    case "ProtocolUnsupported":
      if (mode === "plain" && /^(tls|wss):/.test(address)) {
        const secured =
          "this side has security plain, and the address is of a node with psk or mtls: give both the same"
        return [broken("secure", "mode_mismatch", detail, secured)]
      }
      return [
        broken(
          "connect",
          "no_transport",
          detail,
          "correct the protocol of the address, or add the transport that dials it"
        )
      ]
    default:
      return [broken("connect", "no_connection", detail, "check the route, the firewall, and that the machine is up")]
  }
}

/** What TLS says, in the words of OpenSSL and of Node, and what to do about it. The first that fits counts. */
const clues: ReadonlyArray<readonly [found: RegExp, reason: DiagnosisReason, remedy: string, mode?: SecurityMode]> = [
  [
    /shows a certificate/,
    "mode_mismatch",
    "the other end has security mtls, or is no gc node: give both the same security, or correct the address",
    "psk"
  ],
  [
    /CERT_HAS_EXPIRED/,
    "certificate_expired",
    "the certificate of the other end is past its end date: give it a new one (openssl x509 -noout -enddate -in cert.pem shows the date), and check both clocks"
  ],
  [
    /CERT_NOT_YET_VALID/,
    "certificate_not_yet_valid",
    "the certificate of the other end is not valid yet: check the clocks of both machines"
  ],
  [
    /UNABLE_TO_(VERIFY|GET_ISSUER)|SELF_SIGNED|DEPTH_ZERO|CERT_UNTRUSTED|CERT_SIGNATURE/,
    "certificate_refused",
    "the certificate of the other end is of another authority than this side's ca: give both certificates of one authority"
  ],
  [
    /ALERT_CERTIFICATE_EXPIRED/,
    "certificate_expired",
    "the other end finds this side's certificate past its end date: give this side a new one, and check both clocks"
  ],
  [
    /ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|UNSUPPORTED_CERTIFICATE)/,
    "certificate_refused",
    "the other end does not accept this side's certificate: give both certificates of one authority"
  ],
  [/ALERT_CERTIFICATE_REQUIRED/, "mode_mismatch", "the other end has security mtls: give both the same security"],
  [
    /ALERT_HANDSHAKE_FAILURE/,
    "mode_mismatch",
    "the other end has no certificate to show: it has security psk, or is no gc node: give both the same security",
    "mtls"
  ],
  [
    /ALERT_(DECRYPT_ERROR|ILLEGAL_PARAMETER)/,
    "wrong_cookie",
    "the cookies differ: compare them on both nodes, each to the last character",
    "psk"
  ],
  [
    /ALERT_HANDSHAKE_FAILURE|pre-shared key was not used/,
    "other_cluster",
    "the other end does not know this cluster, or no cookie of this label: compare the option cluster, the labels of the cookies, and the option security of both nodes",
    "psk"
  ],
  [
    /ALERT_(NO_APPLICATION_PROTOCOL|PROTOCOL_VERSION)|speaks TLS but not|and not TLSv1\.3/,
    "no_gc_node",
    "another service has this port: correct the address or the port"
  ],
  [
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/,
    "no_gc_node",
    "the other end does not speak TLS: a node with security plain, or another service on this port"
  ]
]

const ofTls = (mode: SecurityMode, detail: string): DiagnosisStep => {
  const [
    ,
    reason = "no_gc_node",
    remedy = "compare the option security and the cookie, or the certificates, of both nodes"
  ] = clues.find(([found, , , only]) => found.test(detail) && (only === undefined || only === mode)) ?? []
  return broken("secure", reason, detail, remedy)
}

/** What came is no answer of gc, or the other end hung up. */
export const unintelligible = (step: Name, proof: LinkProof, error: unknown): DiagnosisStep => {
  const detail = error instanceof Error ? error.message : String(error)
  const reason = error instanceof TransportError ? error.reason : undefined
  if (reason?._tag === "FrameTooLarge") {
    if (speaksTls(reason.declared)) return securedAt(step)
    const found = spokenBy(reason.declared)
    if (found !== undefined) return strangerAt(step, found)
  }
  const hungUp = reason?._tag === "Closed" || reason?._tag === "Reset"
  if (hungUp && proof._tag === "Mtls" && step === "hello") return certificateRefused(step)
  return broken(step, "no_gc_node", detail, "is it a gc node? see what the other node logs at this moment")
}

/** With TLS 1.3 who dials believes in the stream before the other end has looked at his certificate. */
const certificateRefused = (step: Name): DiagnosisStep =>
  broken(
    step,
    "certificate_refused",
    "the other end does not accept this side's certificate",
    "this side's certificate is expired, or of another authority than the other end's ca: check it with openssl x509 -noout -enddate -issuer; the other end logs which"
  )

/** Somebody else is there. */
export const strangerAt = (step: Name, spoken: string): DiagnosisStep =>
  broken(step, "no_gc_node", spoken, "correct the address or the port: another service has it")

/** Somebody speaks TLS where this side does not. */
const securedAt = (step: Name): DiagnosisStep =>
  broken(
    step,
    "mode_mismatch",
    "the other end speaks TLS",
    "this side has security plain, and there is a node with psk or mtls, or another service: give both nodes the same, or correct the address"
  )

/** Four bytes that were taken for the length of a frame, when they are the beginning of a record of TLS. */
const speaksTls = (length: number): boolean => length >>> 16 === 0x1503 || length >>> 16 === 0x1603

/** Four bytes that were taken for the length of a frame, when they are the beginning of a text. */
export const spokenBy = (length: number): string | undefined => {
  const bytes = [24, 16, 8, 0].map((shift) => (length >>> shift) & 0xff)
  if (!bytes.every((byte) => byte >= 0x20 && byte < 0x7f)) return undefined
  return `the other end is no gc node: it begins with ${JSON.stringify(String.fromCharCode(...bytes))}`
}

/** Nothing came. */
export const silence = (step: Name): DiagnosisStep =>
  broken(
    step,
    "hangs",
    "no answer within 5 seconds",
    "see what that process does: it takes connections and says nothing, as one that is stopped or overloaded, or no gc node"
  )

/** A refusal before authentication. */
export const rejection = (code: number, challenged: boolean, proof: LinkProof): DiagnosisStep => {
  const reason = codeName(code) ?? String(code)
  switch (code) {
    case codes.cluster_mismatch:
      return broken("hello", "other_cluster", reason, "the node belongs to another cluster: compare the option cluster")
    case codes.auth_failed:
      if (challenged)
        return broken("authenticate", "wrong_cookie", reason, "the cookies differ: compare them on both nodes")
      return proof._tag === "Mtls"
        ? broken(
            "hello",
            "wrong_cookie",
            reason,
            "with mtls both nodes have a cookie of the same label, or neither has one: compare both"
          )
        : broken(
            "hello",
            "wrong_cookie",
            reason,
            "the security modes or the labels of the cookies differ: compare both"
          )
    case codes.version_unsupported:
      return broken("hello", "version_unsupported", reason, "the nodes speak different versions: upgrade the older one")
    case codes.busy:
      return broken("hello", "busy", reason, "the node has too many handshakes under way: try again")
    default:
      return broken(challenged ? "authenticate" : "hello", "no_gc_node", reason, "is it a gc node?")
  }
}

/** A refusal by an authentic node. */
export const admission = (code: number, name: string, observer: boolean): DiagnosisStep => {
  const reason = codeName(code) ?? String(code)
  switch (code) {
    case codes.already_connected:
      return done("admit", `${name} is connected to this node already`)
    case codes.self_connect:
      return broken(
        "admit",
        "self_connect",
        reason,
        "the address is this node's own: nothing is wrong, it is left alone"
      )
    case codes.name_mismatch:
      return broken("admit", "another_node", `${name} answers`, "another node has this address now: correct the list")
    case codes.name_conflict:
      return broken("admit", "name_conflict", reason, "another live node carries this node's name: rename one of them")
    case codes.not_admitted:
      return broken(
        "admit",
        "not_admitted",
        reason,
        "the node's option admit, or the certificate of this node, keeps it out"
      )
    case codes.shutting_down:
      return broken("admit", "shutting_down", reason, "the node is leaving the cluster: try again when it is back")
    case codes.malformed:
      return broken(
        "admit",
        "malformed",
        reason,
        "one side's clock is more than 24 hours ahead, or its version another: compare both"
      )
    case codes.too_many_peers:
      return observer
        ? broken(
            "admit",
            "too_many_peers",
            reason,
            `${limits.observers} observers watch ${name} already: end one; for nodes there may be room`
          )
        : broken(
            "admit",
            "too_many_peers",
            reason,
            "it has as many members as its maxMembers allows: raise the option there"
          )
    default:
      return broken("admit", "not_admitted", reason, "see what the other node logs")
  }
}
