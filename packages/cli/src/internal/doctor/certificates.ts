import { createPrivateKey, X509Certificate } from "node:crypto"
import { isIP } from "node:net"
import { failed, type Finding, messageOf, ok, warning } from "./finding.ts"

/** The files of an mTLS transport, read; `node` is absent while the node has no name of its own. */
export interface Material {
  readonly certFile: string
  readonly keyFile: string
  readonly caFile: string
  readonly cert: string
  readonly key: string
  readonly ca: string
  readonly node: string | undefined
}

const day = 86_400_000

/** Certificates that end sooner are worth a warning. */
const soon = 14 * day

const usages = { "1.3.6.1.5.5.7.3.1": "serverAuth", "1.3.6.1.5.5.7.3.2": "clientAuth" } as const

const blocks = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

const readAll = (pem: string): ReadonlyArray<X509Certificate> =>
  (pem.match(blocks) ?? []).map((block) => new X509Certificate(block))

/** Reads certificates, or says what is wrong with the file. */
const certificatesOf = (path: string, pem: string): ReadonlyArray<X509Certificate> | Finding => {
  const remedy = `put certificates in PEM form into ${path}: -----BEGIN CERTIFICATE-----`
  try {
    const found = readAll(pem)
    return found.length > 0 ? found : failed("tls", path, "no_certificate", "there is no certificate in it", remedy)
  } catch (error) {
    return failed("tls", path, "no_certificate", `it cannot be read (${messageOf(error)})`, remedy)
  }
}

const isFinding = (value: ReadonlyArray<X509Certificate> | Finding): value is Finding => "status" in value

const date = (text: string): string => new Date(text).toISOString().slice(0, 10)

const dates = (path: string, what: string, certificate: X509Certificate, now: number): Finding | undefined => {
  const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)]
  const renew = `renew it: issue ${what} anew and start the node again`
  if (to < now) {
    return failed("tls", path, "certificate_expired", `${what} expired on ${date(certificate.validTo)}`, renew)
  }
  if (from > now) {
    const remedy = "set this machine's clock, or issue the certificate for the time that is now"
    return failed(
      "tls",
      path,
      "certificate_not_yet_valid",
      `${what} is valid from ${date(certificate.validFrom)}`,
      remedy
    )
  }
  if (to > now + soon) return undefined
  return warning("tls", path, "certificate_ends_soon", `${what} expires on ${date(certificate.validTo)}`, renew)
}

const keyFits = ({ certFile, key, keyFile }: Material, leaf: X509Certificate): Finding | undefined => {
  const remedy = `give the key that ${certFile} was made for, in PEM form and not encrypted`
  try {
    return leaf.checkPrivateKey(createPrivateKey(key))
      ? undefined
      : failed("tls", keyFile, "key_mismatch", "the key does not belong to the certificate", remedy)
  } catch {
    return failed("tls", keyFile, "key_unreadable", "there is no private key in it that can be read", remedy)
  }
}

const isIssuedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)

/** The root that vouches for the first of these, by way of the others. */
const rootOf = (chain: ReadonlyArray<X509Certificate>, roots: ReadonlyArray<X509Certificate>) => {
  let [current, ...others] = chain
  while (current !== undefined) {
    const certificate: X509Certificate = current
    const root = roots.find((each) => isIssuedBy(certificate, each))
    if (root !== undefined) return root
    const next = others.find((each) => isIssuedBy(certificate, each))
    others = others.filter((each) => each !== next)
    current = next
  }
  return undefined
}

const isOneOf = (roots: ReadonlyArray<X509Certificate>, leaf: X509Certificate): boolean =>
  roots.some((root) => root.fingerprint256 === leaf.fingerprint256)

const issued = (
  { caFile, certFile }: Material,
  chain: ReadonlyArray<X509Certificate>,
  roots: ReadonlyArray<X509Certificate>,
  now: number
): Finding | undefined => {
  const [leaf] = chain
  const root = rootOf(chain, roots)
  if (root !== undefined) return dates(caFile, "the root certificate", root, now)
  if (leaf === undefined || isOneOf(roots, leaf)) return undefined
  const detail = `no root of ${caFile} vouches for it: it is issued by ${leaf.issuer.replaceAll("\n", ", ")}`
  const remedy = `put the root of that authority into ${caFile}, and the intermediate certificates into ${certFile}`
  return failed("tls", certFile, "certificate_foreign", detail, remedy)
}

const usage = (path: string, leaf: X509Certificate): Finding | undefined => {
  const allowed: ReadonlyArray<string> | undefined = leaf.keyUsage
  if (allowed === undefined || allowed.length === 0) return undefined
  const missing = Object.entries(usages).flatMap(([oid, name]) => (allowed.includes(oid) ? [] : [name]))
  if (missing.length === 0) return undefined
  const remedy = "issue it with extendedKeyUsage=serverAuth,clientAuth: a node dials and is dialed"
  return failed("tls", path, "certificate_usage", `the certificate does not allow ${missing.join(" and ")}`, remedy)
}

/** Whether the others will take it for this node's: a DNS or IP name that is its host, or the URI `gc:` and its whole name. */
const names = ({ certFile, node }: Material, leaf: X509Certificate): Finding | undefined => {
  if (node === undefined) return undefined
  const host = node.slice(node.indexOf("@") + 1)
  const alternatives = leaf.subjectAltName ?? ""
  const matches =
    (isIP(host) === 0
      ? leaf.checkHost(host, { wildcards: false, subject: "never" }) !== undefined
      : leaf.checkIP(host) !== undefined) || alternatives.split(", ").includes(`URI:gc:${node}`)
  if (matches) return undefined
  const seen = alternatives === "" ? "no names (subjectAltName)" : alternatives
  const wanted = isIP(host) === 0 ? `DNS:${host}` : `IP:${host}`
  return failed(
    "tls",
    certFile,
    "certificate_name",
    `the certificate is for ${seen}, and not for ${node}`,
    `issue it with subjectAltName=${wanted} or URI:gc:${node}, or give the node a name at a host that it names`
  )
}

/** What the others, and this node itself, will make of its certificate. */
export const checkCertificates = (material: Material, now: number): ReadonlyArray<Finding> => {
  const chain = certificatesOf(material.certFile, material.cert)
  const roots = certificatesOf(material.caFile, material.ca)
  const unreadable = [chain, roots].filter(isFinding)
  if (isFinding(chain) || isFinding(roots)) return unreadable
  const [leaf] = chain
  if (leaf === undefined) return []
  const { certFile } = material
  const problems = [
    dates(certFile, "the certificate", leaf, now),
    keyFits(material, leaf),
    issued(material, chain, roots, now),
    usage(certFile, leaf),
    names(material, leaf)
  ].filter((each) => each !== undefined)
  if (problems.some(({ status }) => status === "failed")) return problems
  const until = `valid until ${date(leaf.validTo)}, the key fits, ${material.caFile} vouches for it`
  const whose = material.node === undefined ? "" : `, and it names ${material.node}`
  return [...problems, ok("tls", certFile, until + whose)]
}
