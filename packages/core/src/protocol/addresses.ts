import { type Parsed, parsed, refused } from "./bytes.ts"
import { bracketed, isUnspecified, parseHost } from "./hosts.ts"

export { isLoopback, isUnspecified } from "./hosts.ts"

/** The longest address, in bytes: it travels behind one length byte (GC/1 section 2). */
export const maxAddressBytes = 255

/** Where a node listens, taken apart: `protocol://host:port` and a path. */
export interface AddressParts {
  /** In lower case: `tcp`, `tls`, `ws`, `wss`, `memory`, or the protocol of a third party's transport. */
  readonly protocol: string
  /** In lower case; an IPv6 literal without its brackets. */
  readonly host: string
  /** 0..65535; with 0 the address can be listened on but not dialed. */
  readonly port: number
  /** Empty, or begins with `/`. */
  readonly path: string
}

const shape = /^([a-z][a-z0-9+.-]*):\/\/(\[[^\]/]*\]|[^:/?#[\]]*)(?::([^/?#]*))?([/?#].*)?$/i
const pathless: ReadonlySet<string> = new Set(["tcp", "tls", "memory"])

/**
 * Parses `protocol://host:port`, with a path for `ws`, `wss` and protocols that core does not know: these are kept, so that
 * a third party can add a transport. IPv6 literals stand in brackets. At most 255 bytes of printable ASCII.
 */
export const parseAddress = (text: string): Parsed<AddressParts> => {
  if (text.length > maxAddressBytes)
    return refused(`an address has at most ${maxAddressBytes} bytes, not ${text.length}`)
  if (!/^[\x21-\x7e]*$/.test(text)) return refused("an address is printable ASCII without blanks")
  const match = shape.exec(text)
  if (match === null) return refused(`"${text}" is not protocol://host:port, with an IPv6 host in brackets`)
  const [, scheme = "", hostText = "", portText = "", path = ""] = match
  if (hostText.includes("@")) return refused(`"${text}" has a user in it: an address is protocol://host:port`)
  const host = parseHost(hostText)
  if (!host.ok) return refused(`"${text}": ${host.reason}`)
  if (portText === "") return refused(`"${text}" has no port`)
  if (!/^[0-9]{1,5}$/.test(portText) || Number(portText) > 65535) return refused(`"${text}": a port is 0..65535`)
  const protocol = scheme.toLowerCase()
  if (path !== "" && pathless.has(protocol)) return refused(`"${text}": a ${protocol} address ends with its port`)
  if (path !== "" && (!path.startsWith("/") || path.includes("#"))) return refused(`"${text}" has a malformed path`)
  return parsed({ protocol, host: host.value, port: Number(portText), path })
}

/** The canonical text of an address; `parseAddress` reads it back to the same parts. */
export const formatAddress = (address: AddressParts): string =>
  `${address.protocol}://${bracketed(address.host)}:${address.port}${address.path}`

/** Whether somebody can dial an address: its port is not 0 and its host not *every local address*. Only such addresses are advertised. */
export const isDialable = (address: AddressParts): boolean => address.port !== 0 && !isUnspecified(address.host)
