import { X509Certificate } from "node:crypto"

const block = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g

/** A chain is as long as somebody makes it. */
const maxChain = 10

/**
 * Whether one of these roots stands behind a certificate that TLS has accepted: the server it came through may trust more of
 * them than members have.
 *
 * @internal
 */
export const issuedBy = (pems: string | ReadonlyArray<string>): ((peer: X509Certificate | undefined) => boolean) => {
  const roots = [pems]
    .flat()
    .flatMap((pem) => pem.match(block) ?? [])
    .map((pem) => new X509Certificate(pem))
  const isIssuer = (issuer: X509Certificate, of: X509Certificate): boolean =>
    of.checkIssued(issuer) && of.verify(issuer.publicKey)
  return (peer) => {
    let certificate = peer
    for (let length = 0; certificate !== undefined && length < maxChain; length++) {
      const current = certificate
      if (roots.some((root) => isIssuer(root, current))) return true
      const next: X509Certificate | undefined = current.issuerCertificate
      certificate = next !== undefined && isIssuer(next, current) ? next : undefined
    }
    return false
  }
}
