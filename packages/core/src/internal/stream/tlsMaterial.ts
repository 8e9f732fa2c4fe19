import type * as Redacted from "effect/Redacted"

/**
 * The certificates of a node in `mtls` mode, each in PEM form, as text or as its bytes.
 *
 * **Details**
 *
 * - `cert`: the node's certificate and whatever intermediate ones lead to the root. It must allow both *server* and *client*
 *   authentication, for a node is both.
 * - `key`: its private key, not encrypted.
 * - `ca`: the roots that may vouch for members. Only these count, never the roots of the system: whoever holds a certificate
 *   of one of them gets as far as core's judgement of its names.
 *
 * @category models
 * @since 0.1.0
 */
export interface TlsMaterial {
  readonly cert: string | Uint8Array
  readonly key: Redacted.Redacted<string | Uint8Array>
  readonly ca: string | Uint8Array | ReadonlyArray<string | Uint8Array>
}

/**
 * The files with the certificates of a node, in PEM form: `TlsMaterial` as a configuration file has it. Only its owner may read
 * the private key.
 *
 * @category models
 * @since 0.1.0
 */
export interface TlsFiles {
  readonly certFile: string
  readonly keyFile: string
  readonly caFile: string
}
