import { isIP, isIPv4, isIPv6 } from "node:net"

/** The longest name that can be asked, in characters, without the dot at its end (RFC 1035 section 2.3.4). */
const maxLength = 253

const label = /^[A-Za-z0-9_-]{1,63}$/

/** Why a text is no name that can be asked, or `undefined`. */
export const refuseName = (text: string): string | undefined => {
  const name = withoutDot(text)
  if (name === "") return "a name has at least one label"
  if (name.length > maxLength) return `a name has at most ${maxLength} characters, not ${name.length}`
  const wrong = name.split(".").find((part) => !label.test(part))
  if (wrong === undefined) return undefined
  if (wrong === "") return "a name has no empty label"
  if (wrong.length > 63) return `a label has at most 63 characters, not ${wrong.length}`
  return "a label is letters, digits, - and _; write other letters as xn--…"
}

/** A name without the dot that makes it absolute. */
export const withoutDot = (name: string): string => (name.endsWith(".") ? name.slice(0, -1) : name)

/** What two names of one node of the tree have in common, whatever their case. */
export const canonical = (name: string): string => withoutDot(name).toLowerCase()

/**
 * The names to ask for one that was given, in turn (resolv.conf(5)): a name with a dot at its end alone; one with at least
 * `ndots` dots first as it is, and any other last.
 */
export const candidates = (name: string, search: ReadonlyArray<string>, ndots: number): ReadonlyArray<string> => {
  if (name.endsWith(".")) return [withoutDot(name)]
  const longer = search.map((domain) => `${name}.${domain}`).filter((each) => refuseName(each) === undefined)
  const all = name.split(".").length - 1 >= ndots ? [name, ...longer] : [...longer, name]
  return [...new Map(all.map((each) => [canonical(each), each])).values()]
}

/** The name of an address in the reverse tree (RFC 1035 section 3.5, RFC 3596 section 2.5), without a dot at its end. */
export const reverseName = (address: string): string => {
  if (isIPv4(address)) return `${address.split(".").toReversed().join(".")}.in-addr.arpa`
  const [head = "", tail] = address.split("%", 1)[0]!.split("::")
  const groups = (text: string): ReadonlyArray<string> => (text === "" ? [] : text.split(":").flatMap(quadToGroups))
  const [left, right] = [groups(head), tail === undefined ? [] : groups(tail)]
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0")
  const digits = [...left, ...zeros, ...right].map((group) => group.padStart(4, "0").toLowerCase()).join("")
  return `${digits.split("").toReversed().join(".")}.ip6.arpa`
}

const quadToGroups = (group: string): ReadonlyArray<string> => {
  if (!group.includes(".")) return [group]
  const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number)
  return [(a * 256 + b).toString(16), (c * 256 + d).toString(16)]
}

/** The address that a text is, without brackets, or `undefined`. */
export const literal = (text: string): string | undefined => {
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text
  if (isIP(bare) === 0) return undefined
  return bare === text || isIPv6(bare) ? bare.toLowerCase() : undefined
}
