import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto"
import { ConfigurationError, type Problem, ValuesInvalid } from "../../ConfigurationError.ts"
import type { Boot, Checked } from "../../Plugin.ts"
import type { SecurityMode } from "../../Transport.ts"
import type { TlsFiles, TlsMaterial } from "./tlsMaterial.ts"

const block = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g

/** The certificates of a text in PEM form, or `undefined` when it holds none or one that cannot be read. */
const readCertificates = (pem: string): ReadonlyArray<X509Certificate> | undefined => {
  try {
    const found = (pem.match(block) ?? []).map((text) => new X509Certificate(text))
    return found.length === 0 ? undefined : found
  } catch {
    return undefined
  }
}

const readKey = (pem: string): KeyObject | undefined => {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined
  }
}

const textOf = (bytes: Uint8Array): string => new TextDecoder("latin1").decode(bytes)

const names = ["certFile", "keyFile", "caFile"] as const

/**
 * Whether the files are there and the key is kept from others; and whether they are needed at all, which depends on the modes that
 * use them. What is in them is looked at when the transport starts.
 */
export const checkTls = Effect.fnUntraced(function* (
  tls: TlsFiles | undefined,
  { files, path }: Boot,
  security: SecurityMode,
  users: ReadonlyArray<SecurityMode> = ["mtls"]
): Effect.fn.Return<Checked> {
  const key = `${path}.tls`
  if (tls === undefined) {
    const expected = '{ certFile, keyFile, caFile }, where security is "mtls"'
    return { problems: security === "mtls" ? [{ key, value: "missing", expected }] : [], warnings: [] }
  }
  const problems: Array<Problem> = []
  for (const name of names) {
    const read: (key: string, path: string) => Effect.Effect<unknown, ConfigurationError> =
      name === "keyFile" ? files.readSecret : files.read
    const reason = yield* Effect.match(read(`${key}.${name}`, tls[name]), {
      onFailure: (error) => error.reason,
      onSuccess: () => undefined
    })
    if (reason?._tag === "ValuesInvalid") problems.push(...reason.problems)
  }
  const unused = `${key} is not used, as security is "${security}": take it out, or set security to "mtls"`
  return { problems, warnings: users.includes(security) ? [] : [unused] }
})

/**
 * Reads the files, and refuses what could never take part in a handshake: what is no PEM, and a key that does not fit. All that
 * is wrong is told at once.
 */
export const readTls = Effect.fnUntraced(function* (
  { caFile, certFile, keyFile }: TlsFiles,
  { files, path, source }: Boot
): Effect.fn.Return<TlsMaterial, ConfigurationError> {
  const problems: Array<Problem> = []
  const refuse = (name: string, file: string, expected: string): void => {
    problems.push({ key: `${path}.tls.${name}`, value: JSON.stringify(files.resolve(file)), expected })
  }
  const loaded = <A>(reading: Effect.Effect<A, ConfigurationError>): Effect.Effect<A | undefined, ConfigurationError> =>
    reading.pipe(
      Effect.catch((error) => {
        if (error.reason._tag !== "ValuesInvalid") return Effect.fail(error)
        problems.push(...error.reason.problems)
        return Effect.undefined
      })
    )
  const cert = yield* loaded(Effect.map(files.read(`${path}.tls.certFile`, certFile), textOf))
  const key = yield* loaded(files.readSecret(`${path}.tls.keyFile`, keyFile))
  const ca = yield* loaded(Effect.map(files.read(`${path}.tls.caFile`, caFile), textOf))
  const chain = cert === undefined ? [] : readCertificates(cert)
  const roots = ca === undefined ? [] : readCertificates(ca)
  const secret = key && readKey(textOf(Redacted.value(key)))
  if (chain === undefined) refuse("certFile", certFile, "a file with a certificate in PEM form")
  if (roots === undefined) refuse("caFile", caFile, "a file with certificates in PEM form")
  if (key !== undefined && secret === undefined) {
    refuse("keyFile", keyFile, "a file with a private key in PEM form that is not encrypted")
  }
  if (secret !== undefined && chain?.[0]?.checkPrivateKey(secret) === false) {
    refuse("keyFile", keyFile, `the private key of the certificate in ${files.resolve(certFile)}`)
  }
  if (problems.length > 0 || cert === undefined || key === undefined || ca === undefined) {
    return yield* new ConfigurationError({ reason: new ValuesInvalid({ source, problems }) })
  }
  yield* warnOfDates(`${path}.tls.certFile`, files.resolve(certFile), chain ?? [])
  yield* warnOfDates(`${path}.tls.caFile`, files.resolve(caFile), roots ?? [])
  return { cert, key, ca }
})

/** The other nodes judge by their own clocks, so that a date alone refuses nothing here. */
const warnOfDates = Effect.fnUntraced(function* (
  key: string,
  path: string,
  certificates: ReadonlyArray<X509Certificate>
) {
  const now = yield* Clock.currentTimeMillis
  for (const { subject, validFromDate, validToDate } of certificates) {
    const name = subject.replaceAll("\n", ", ").slice(0, 200)
    const said =
      validToDate.getTime() < now
        ? `has expired (${validToDate.toISOString()}): no node takes it any more, replace it`
        : validFromDate.getTime() > now
          ? `is not valid before ${validFromDate.toISOString()}: set the clock, or wait`
          : undefined
    if (said !== undefined) yield* Effect.logWarning(`${key}: the certificate "${name}" in ${path} ${said}`)
  }
})
