import type * as Transport from "@gc/core/Transport"
import type * as Tcp from "@gc/transport-tcp"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { readFileSync } from "node:fs"
import * as tls from "node:tls"
import { local } from "./support.ts"

export const pskOf = (identity: string, byte: number): Transport.Psk => ({
  identity,
  key: Redacted.make(new Uint8Array(32).fill(byte))
})

export const psk: Transport.LinkSecurity = { mode: "psk", psks: [pskOf("gc1:me", 7)], allowPlaintext: false }

export const mtls: Transport.LinkSecurity = { mode: "mtls", psks: [], allowPlaintext: false }

export const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8")

/** The certificate of a fixture, and which authority it trusts. */
export const material = (name: string, ca = "ca"): Tcp.TlsMaterial => ({
  cert: fixture(`${name}.pem`),
  key: Redacted.make(fixture(`${name}.key`)),
  ca: fixture(`${ca}.pem`)
})

export const node = (name: string, ca?: string): Tcp.Options => ({ ...local, tls: material(name, ca) })

/** A bare TLS peer's options: what gc speaks, and a key or a certificate on top. */
export const bare: tls.ConnectionOptions = {
  host: "127.0.0.1",
  minVersion: "TLSv1.3",
  ciphers: "TLS_AES_128_GCM_SHA256",
  ALPNProtocols: ["gc/1"],
  ca: [],
  checkServerIdentity: () => undefined
}

export const bareKey = (byte: number, identity = "gc1:me"): tls.ConnectionOptions => ({
  pskCallback: () => ({ psk: Buffer.alloc(32, byte), identity })
})

/** Connects a bare TLS peer; answers how it ended, or the socket when the handshake went well. */
export const bareDial = (port: number, options: tls.ConnectionOptions): Promise<tls.TLSSocket | Error> =>
  new Promise((resolve) => {
    const socket = tls.connect({ ...bare, port, ...options })
    socket.on("error", (error) => {
      socket.destroy()
      resolve(error)
    })
    socket.once("secureConnect", () => resolve(socket))
    socket.once("close", () => resolve(new Error("closed")))
  })

/** A bare TLS peer whose handshake goes well. */
export const bareSocket = (port: number, options: tls.ConnectionOptions): Effect.Effect<tls.TLSSocket> =>
  Effect.flatMap(
    Effect.promise(() => bareDial(port, options)),
    (socket) => (socket instanceof Error ? Effect.die(socket) : Effect.succeed(socket))
  )
