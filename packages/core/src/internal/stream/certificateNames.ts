/** The subject alternative names of a certificate that can name a node. */
export interface CertificateNames {
  readonly dns: ReadonlyArray<string>
  readonly ip: ReadonlyArray<string>
  readonly uri: ReadonlyArray<string>
}

/** A kind of name and its value: bare, or in quotes where it holds something that could be taken for another name. */
const entry = /([A-Za-z0-9 ]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?:, |$)/y

/**
 * Reads the text that Node makes of a certificate's alternative names: `DNS:a.test, IP Address:127.0.0.1, URI:"gc:a\u002cb"`.
 * Names of other kinds are left out; a text that is none of this gives no names at all.
 */
export const certificateNames = (text: string): CertificateNames => {
  const names = { dns: new Array<string>(), ip: new Array<string>(), uri: new Array<string>() }
  entry.lastIndex = 0
  while (entry.lastIndex < text.length) {
    const match = entry.exec(text)
    if (match === null) return { dns: [], ip: [], uri: [] }
    const [, kind, value = ""] = match
    const name: unknown = value.startsWith('"') ? JSON.parse(value) : value
    if (kind === "DNS") names.dns.push(String(name))
    else if (kind === "IP Address") names.ip.push(String(name))
    else if (kind === "URI") names.uri.push(String(name))
  }
  return names
}
