/**
 * What can go wrong between a node and an address. Re-exported by `Transport`.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/** The port is taken by another socket. @category errors @since 0.1.0 */
export class AddressInUse extends Schema.TaggedError<AddressInUse>("@gc/core/AddressInUse")("AddressInUse", {}) {
  override get message(): string {
    return "the port is taken: another process listens there; choose another port, or 0 for any free one"
  }
}

/** The host is none of this machine's addresses. @category errors @since 0.1.0 */
export class AddressUnavailable extends Schema.TaggedError<AddressUnavailable>("@gc/core/AddressUnavailable")(
  "AddressUnavailable",
  {}
) {
  override get message(): string {
    return "no interface of this machine has this address; bind to one that it has, or to 0.0.0.0 with an advertised host"
  }
}

/** The machine answered that nothing listens there (ECONNREFUSED). @category errors @since 0.1.0 */
export class Refused extends Schema.TaggedError<Refused>("@gc/core/Refused")("Refused", {}) {
  override get message(): string {
    return "connection refused: the machine is up, but nothing listens on this port"
  }
}

/** No route, or the network is down. @category errors @since 0.1.0 */
export class Unreachable extends Schema.TaggedError<Unreachable>("@gc/core/TransportUnreachable")("Unreachable", {
  code: Schema.String
}) {
  override get message(): string {
    return `no way to the host (${this.code}): check the route, the firewall and that the machine is up`
  }
}

/** The host name does not resolve. @category errors @since 0.1.0 */
export class HostUnknown extends Schema.TaggedError<HostUnknown>("@gc/core/HostUnknown")("HostUnknown", {
  code: Schema.String
}) {
  override get message(): string {
    return `the host name does not resolve (${this.code}): check its spelling and the resolver`
  }
}

/**
 * The connection, its TLS handshake included, took too long. `taken` tells that the machine took it and nothing was heard.
 *
 * @category errors
 * @since 0.1.0
 */
export class ConnectTimeout extends Schema.TaggedError<ConnectTimeout>("@gc/core/ConnectTimeout")("ConnectTimeout", {
  millis: Schema.Finite,
  taken: Schema.optionalKey(Schema.Boolean)
}) {
  override get message(): string {
    if (this.taken === true) {
      return `no answer within ${this.millis} ms on a connection that was taken: a process that is stopped or overloaded, or no gc node`
    }
    return `no connection within ${this.millis} ms: a firewall that drops packets, or a machine that is down`
  }
}

/** The stream ended: the peer closed it, or this end's scope did. @category errors @since 0.1.0 */
export class Closed extends Schema.TaggedError<Closed>("@gc/core/Closed")("Closed", {}) {
  override get message(): string {
    return "the connection is closed: this node or the other end let it go; the log of the other one says why"
  }
}

/** The stream was cut. @category errors @since 0.1.0 */
export class Reset extends Schema.TaggedError<Reset>("@gc/core/Reset")("Reset", { code: Schema.String }) {
  override get message(): string {
    return `the connection was cut (${this.code}): the process at the other end is gone, or something between the two cut it`
  }
}

/** A frame declared more than the limit; nothing of it was kept. @category errors @since 0.1.0 */
export class FrameTooLarge extends Schema.TaggedError<FrameTooLarge>("@gc/core/FrameTooLarge")("FrameTooLarge", {
  declared: Schema.Finite,
  limit: Schema.Finite
}) {
  override get message(): string {
    return `a frame of ${this.declared} bytes was announced and ${this.limit} are allowed: the other end is not gc, or not this version`
  }
}

/** Bytes that are no frame. @category errors @since 0.1.0 */
export class FrameMalformed extends Schema.TaggedError<FrameMalformed>("@gc/core/FrameMalformed")("FrameMalformed", {
  detail: Schema.String
}) {
  override get message(): string {
    return `not a frame: ${this.detail}; the other end is not gc, or not this version`
  }
}

/** A second `receive` while one was waiting. @category errors @since 0.1.0 */
export class ConcurrentReceive extends Schema.TaggedError<ConcurrentReceive>("@gc/core/ConcurrentReceive")(
  "ConcurrentReceive",
  {}
) {
  override get message(): string {
    return "another receive is waiting on this connection: one reader at a time"
  }
}

/** Plain mode beyond loopback without `allowPlaintext`. @category errors @since 0.1.0 */
export class PlaintextRefused extends Schema.TaggedError<PlaintextRefused>("@gc/core/PlaintextRefused")(
  "PlaintextRefused",
  {}
) {
  override get message(): string {
    return 'plain links are for loopback: somebody on the path could read and inject; use security "psk" or "mtls", or say allowPlaintext: true'
  }
}

/** TLS broke, or did not prove what was wanted. @category errors @since 0.1.0 */
export class SecurityFailed extends Schema.TaggedError<SecurityFailed>("@gc/core/SecurityFailed")("SecurityFailed", {
  detail: Schema.String
}) {
  override get message(): string {
    return `the secure stream failed: ${this.detail}; compare the option security, and the cookies or certificates, of both nodes`
  }
}

/** What an HTTP answer other than 101 means to who runs a cluster. The first that fits counts. */
const answers: ReadonlyArray<readonly [statuses: (status: number) => boolean, remedy: string]> = [
  [(status) => status < 300, "something else answers here: compare host, port and path with those of the node"],
  [(status) => status < 400, "a redirect is not followed: dial the address that it leads to"],
  [
    (status) => status === 404,
    "nothing for gc is at this path: compare the address with the option path of the node, and with the routes of a proxy"
  ],
  [
    (status) => status === 401 || status === 403 || status === 407,
    "a proxy or the node forbids it: let nodes pass without logging in, and without an Origin header"
  ],
  [
    (status) => status === 502 || status === 503 || status === 504,
    "a proxy answers that it does not reach the node: check its upstream, and that the node runs"
  ],
  [
    () => true,
    "the upgrade does not get through: a proxy has to pass on the headers Upgrade, Connection and Sec-WebSocket-Protocol"
  ]
]

/** A server answered in HTTP, and did not become a WebSocket. @category errors @since 0.1.0 */
export class UpgradeRefused extends Schema.TaggedError<UpgradeRefused>("@gc/core/UpgradeRefused")("UpgradeRefused", {
  status: Schema.Int
}) {
  /** What to do about it. */
  get remedy(): string {
    return answers.find(([fits]) => fits(this.status))?.[1] ?? ""
  }
  override get message(): string {
    return `HTTP ${this.status} and no upgrade to a WebSocket: ${this.remedy}`
  }
}

/** No transport of this node dials such addresses. @category errors @since 0.1.0 */
export class ProtocolUnsupported extends Schema.TaggedError<ProtocolUnsupported>("@gc/core/ProtocolUnsupported")(
  "ProtocolUnsupported",
  {
    supported: Schema.Array(Schema.String)
  }
) {
  override get message(): string {
    return `no transport for this address: this node has ${this.supported.join(", ") || "none"}; add the layer of the missing one`
  }
}

/** Anything else, with its cause. @category errors @since 0.1.0 */
export class TransportFailed extends Schema.TaggedError<TransportFailed>("@gc/core/TransportFailed")(
  "TransportFailed",
  {
    detail: Schema.String,
    cause: Schema.optionalKey(Schema.Defect())
  }
) {
  override get message(): string {
    return this.detail
  }
}

/** Every reason of a `TransportError`. @category errors @since 0.1.0 */
export const TransportReason = Schema.Union([
  AddressInUse,
  AddressUnavailable,
  Refused,
  Unreachable,
  HostUnknown,
  ConnectTimeout,
  Closed,
  Reset,
  FrameTooLarge,
  FrameMalformed,
  ConcurrentReceive,
  PlaintextRefused,
  SecurityFailed,
  ProtocolUnsupported,
  UpgradeRefused,
  TransportFailed
])

/** Every reason of a `TransportError`. @category errors @since 0.1.0 */
export type TransportReason = typeof TransportReason.Type

/**
 * The one error of a transport: which transport, which address, and why.
 *
 * @category errors
 * @since 0.1.0
 */
export class TransportError extends Schema.TaggedError<TransportError>("@gc/core/TransportError")("TransportError", {
  transport: Schema.String,
  address: Schema.String,
  reason: TransportReason
}) {
  override get message(): string {
    return `${this.transport} ${this.address}: ${this.reason.message}`
  }
}
