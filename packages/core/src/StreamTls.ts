/**
 * TLS under a transport: how it is set up with pre-shared keys or certificates, what a stream proves, and the files of
 * certificates. For authors of transports; the sockets are theirs.
 *
 * @since 0.1.0
 */
export { certificateNames, type CertificateNames } from "./internal/stream/certificateNames.ts"
export { checkTls, readTls } from "./internal/stream/tlsFiles.ts"
export type { TlsFiles, TlsMaterial } from "./internal/stream/tlsMaterial.ts"
export {
  mtlsMode,
  pemsOf,
  type Proof,
  pskMode,
  type TlsMode,
  type TlsStream,
  unusable
} from "./internal/stream/tlsModes.ts"
