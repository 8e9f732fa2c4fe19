import { type Parsed, parsed, refused } from "./bytes.ts"

const hostName = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?$/
const endsInNumber = /(^|\.)([0-9]+|0x[0-9a-f]*)\.?$/

/** The 4 bytes of a dotted quad in its one strict form (no octal, no short forms), else `undefined`. */
const ipv4Bytes = (text: string): ReadonlyArray<number> | undefined => {
  const parts = text.split(".")
  if (parts.length !== 4) return undefined
  const bytes = parts.map((part) => (/^(0|[1-9][0-9]{0,2})$/.test(part) ? Number(part) : 256))
  return bytes.every((byte) => byte <= 255) ? bytes : undefined
}

const ipv6Groups = (text: string, last: boolean): ReadonlyArray<number> | undefined => {
  if (text === "") return []
  const groups: Array<number> = []
  const parts = text.split(":")
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16))
      continue
    }
    const quad = last && index === parts.length - 1 ? ipv4Bytes(part) : undefined
    if (quad === undefined) return undefined
    const [a = 0, b = 0, c = 0, d = 0] = quad
    groups.push(a * 256 + b, c * 256 + d)
  }
  return groups
}

/** The 8 groups of an IPv6 literal (RFC 4291 section 2.2), without brackets and zone, else `undefined`. */
const ipv6 = (text: string): ReadonlyArray<number> | undefined => {
  const halves = text.split("::")
  const [left = "", right] = halves
  if (halves.length > 2) return undefined
  const head = ipv6Groups(left, right === undefined)
  const tail = right === undefined ? [] : ipv6Groups(right, true)
  if (head === undefined || tail === undefined) return undefined
  const missing = 8 - head.length - tail.length
  if (right === undefined ? missing !== 0 : missing < 1) return undefined
  return [...head, ...Array.from({ length: missing }, () => 0), ...tail]
}

const parseIpv6 = (text: string): Parsed<string> => {
  const [address = "", zone, ...rest] = text.split("%")
  if (ipv6(address) === undefined) return refused(`"${text}" is not an IPv6 address`)
  if (zone === undefined) return parsed(address.toLowerCase())
  if (rest.length > 0 || !/^[A-Za-z0-9._~-]+$/.test(zone)) return refused(`"${text}" has a malformed zone`)
  return parsed(`${address.toLowerCase()}%${zone}`)
}

/**
 * A host name, a dotted quad or an IPv6 literal, with or without brackets. The answer is in lower case and without brackets.
 *
 * A host whose last label is a number must be a strict dotted quad: `127.1`, `0x7f.1` and `0` mean something else to each resolver.
 */
export const parseHost = (text: string): Parsed<string> => {
  if (text === "") return refused("the host is empty")
  if (text.startsWith("[")) {
    return text.endsWith("]") ? parseIpv6(text.slice(1, -1)) : refused(`the bracket in "${text}" is not closed`)
  }
  if (text.includes(":")) return parseIpv6(text)
  const host = text.toLowerCase()
  if (!hostName.test(host)) return refused(`"${text}" is not a host name or an IP address`)
  if (endsInNumber.test(host) && ipv4Bytes(host) === undefined) return refused(`"${text}" is not an IPv4 address`)
  return parsed(host)
}

/** A host as it stands in an address or a node name: IPv6 literals in brackets, anything else as it is. */
export const bracketed = (host: string): string => (host.includes(":") && !host.startsWith("[") ? `[${host}]` : host)

/** A host without the brackets of an IPv6 literal. */
export const unbracketed = (host: string): string =>
  host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host

const ipBytes = (host: string): ReadonlyArray<number> | undefined => {
  const bare = unbracketed(host)
  const quad = ipv4Bytes(bare)
  if (quad !== undefined) return quad
  const groups = ipv6(bare.split("%")[0] ?? "")
  if (groups === undefined) return undefined
  const bytes = groups.flatMap((group) => [group >> 8, group & 0xff])
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  return mapped ? bytes.slice(12) : bytes
}

/** Whether a host means *every local address* (`0.0.0.0`, `::`, `::ffff:0.0.0.0`): one can bind to it, nobody can dial it. */
export const isUnspecified = (host: string): boolean => ipBytes(host)?.every((byte) => byte === 0) ?? false

/** Whether a host is this machine by its spelling: `127.0.0.0/8`, `::1`, `::ffff:127.0.0.0/104`, `localhost`, `*.localhost`. Nothing is resolved. */
export const isLoopback = (host: string): boolean => {
  const bytes = ipBytes(host)
  if (bytes === undefined) return /^(.+\.)?localhost\.?$/i.test(host)
  return bytes.length === 4 ? bytes[0] === 127 : bytes.every((byte, index) => byte === (index === 15 ? 1 : 0))
}

/** Whether two hosts are one by their spelling: the same bytes of an IP address, or the same name in whatever case. */
export const isSameHost = (left: string, right: string): boolean => {
  const bytes = ipBytes(left)
  return bytes === undefined ? left.toLowerCase() === right.toLowerCase() : bytes.join() === ipBytes(right)?.join()
}

const firstBytes = (host: string, count: number): string => {
  const bytes = ipBytes(host)
  return bytes === undefined ? host.toLowerCase() : bytes.slice(0, bytes.length === 4 ? 4 : count).join(".")
}

/** What one owner has all addresses of: an IPv4 address, the /64 of an IPv6 one (RFC 4291 section 2.5.4), or a host name. */
export const networkOf = (host: string): string => firstBytes(host, 8)

/** The same of a site, which may have all /64s of a /48 (RFC 6177). */
export const siteOf = (host: string): string => firstBytes(host, 6)
