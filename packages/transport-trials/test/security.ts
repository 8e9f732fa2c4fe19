import type { StreamOptions } from "@gc/core/StreamOptions"
import type { TlsMaterial } from "@gc/core/StreamTls"
import type * as Transport from "@gc/core/Transport"
import * as Redacted from "effect/Redacted"
import { readFileSync } from "node:fs"

export const plain: Transport.LinkSecurity = { mode: "plain", psks: [], allowPlaintext: false }

export const pskOf = (identity: string, byte: number): Transport.Psk => ({
  identity,
  key: Redacted.make(new Uint8Array(32).fill(byte))
})

export const psk: Transport.LinkSecurity = { mode: "psk", psks: [pskOf("gc1:me", 7)], allowPlaintext: false }

export const mtls: Transport.LinkSecurity = { mode: "mtls", psks: [], allowPlaintext: false }

/** Options of a node of a test: loopback, any free port. */
export const local: StreamOptions = { host: "127.0.0.1", port: 0 }

export const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8")

/** The certificate of a fixture, and which authority it trusts. */
export const material = (name: string, ca = "ca"): TlsMaterial => ({
  cert: fixture(`${name}.pem`),
  key: Redacted.make(fixture(`${name}.key`)),
  ca: fixture(`${ca}.pem`)
})

export const node = (name: string, ca?: string): StreamOptions => ({ ...local, tls: material(name, ca) })
