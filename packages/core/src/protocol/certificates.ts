import { isSameHost } from "./hosts.ts"
import { hostOf } from "./names.ts"

/** The subject alternative names of a peer's certificate. */
export interface CertificateNames {
  readonly dns: ReadonlyArray<string>
  readonly ip: ReadonlyArray<string>
  readonly uri: ReadonlyArray<string>
}

/**
 * Whether a certificate is that of a node (GC/1 section 3): a DNS or IP name equal to the host of the node's name, or the URI
 * `gc:` and the whole name. A wildcard stands for nobody.
 */
export const certifies = (names: CertificateNames, node: string): boolean => {
  const host = hostOf(node)
  return (
    names.uri.includes(`gc:${node}`) ||
    names.dns.some((name) => isSameHost(name, host)) ||
    names.ip.some((address) => isSameHost(address, host))
  )
}
