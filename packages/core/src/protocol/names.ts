import { isWellFormed, type Parsed, parsed, refused, utf8 } from "./bytes.ts"
import { bracketed, parseHost, unbracketed } from "./hosts.ts"

/** The longest node name, in bytes (GC/1 section 1). */
export const maxNodeNameBytes = 255

/** The longest cluster name, in bytes of UTF-8 (GC/1 section 1). */
export const maxClusterNameBytes = 64

/** A node name taken apart. */
export interface NodeNameParts {
  /** The canonical name, `basename@host`: names are compared by it, bytewise. */
  readonly name: string
  readonly basename: string
  /** In lower case; an IPv6 literal without its brackets. */
  readonly host: string
}

const printable = /^[\x21-\x7e]*$/

/**
 * Parses a node name, `basename@host` (GC/1 section 1): printable ASCII, at most 255 bytes, exactly one `@`, no empty part.
 *
 * The canonical name has its host in lower case and an IPv6 host in brackets: `A@Rosa` is `A@rosa`, `a@::1` is `a@[::1]`.
 * On the wire only the canonical form is a name, see {@link isNodeName}.
 */
export const parseNodeName = (text: string): Parsed<NodeNameParts> => {
  if (!printable.test(text)) return refused("a node name is printable ASCII without blanks")
  const [basename = "", hostText, ...rest] = text.split("@")
  if (hostText === undefined || rest.length > 0) return refused(`"${text}" is not basename@host with exactly one "@"`)
  if (basename === "") return refused(`"${text}" has nothing before the "@"`)
  const host = parseHost(hostText)
  if (!host.ok) return refused(`"${text}": ${host.reason}`)
  const name = `${basename}@${bracketed(host.value)}`
  if (name.length > maxNodeNameBytes)
    return refused(`a node name has at most ${maxNodeNameBytes} bytes, not ${name.length}`)
  return parsed({ name, basename, host: host.value })
}

/** Whether a text is a node name in its canonical form, as it must be on the wire. */
export const isNodeName = (text: string): boolean => {
  const name = parseNodeName(text)
  return name.ok && name.value.name === text
}

/** What stands before the `@` of a node name. */
export const basenameOf = (name: string): string => name.slice(0, name.lastIndexOf("@"))

/** The host of a node name, an IPv6 literal without its brackets. */
export const hostOf = (name: string): string => unbracketed(name.slice(name.lastIndexOf("@") + 1))

/** Parses a cluster name (GC/1 section 1): 1–64 bytes of UTF-8 without NUL. The answer is in Unicode normal form C. */
export const parseClusterName = (text: string): Parsed<string> => {
  if (!isWellFormed(text)) return refused("a cluster name must be well-formed Unicode")
  const cluster = text.normalize("NFC")
  const length = utf8(cluster).length
  if (length === 0) return refused("the cluster name is empty")
  if (length > maxClusterNameBytes)
    return refused(`a cluster name has at most ${maxClusterNameBytes} bytes, not ${length}`)
  if (cluster.includes("\0")) return refused("a cluster name must not contain NUL")
  return parsed(cluster)
}
