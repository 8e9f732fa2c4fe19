import * as Option from "effect/Option"

/**
 * The bytes under a connection, as a `Wire` drives them: a socket of Node is one. `end` says that no more will come from here,
 * behind everything written; `done` is called once what was written is out of this process.
 *
 * @category models
 * @since 0.1.0
 */
export interface ByteStream {
  /** Each write is copied anyway: few long ones are better than many. */
  readonly copies?: boolean
  readonly closed: boolean
  pause(): unknown
  resume(): unknown
  isPaused(): boolean
  cork(): void
  uncork(): void
  write(bytes: Uint8Array, done?: (error?: Error | null) => void): unknown
  end(): unknown
  destroy(): unknown
  on(event: "data", listener: (chunk: Uint8Array) => void): unknown
  on(event: "error", listener: (error: Error) => void): unknown
  on(event: "end" | "close", listener: () => void): unknown
  once(event: "close", listener: () => void): unknown
}

/** Who is at the other end, as far as the socket knows. @category models @since 0.1.0 */
export interface Remote {
  /** The transport's name, for errors. */
  readonly transport: string
  /** Printable: `tcp://127.0.0.1:52114`. */
  readonly text: string
  readonly host: Option.Option<string>
}

const unmapped = (host: string): string => host.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "")

/** The other end of a connected socket. @category constructors @since 0.1.0 */
export const remoteOf = (
  transport: string,
  protocol: string,
  socket: { readonly remoteAddress?: string | undefined; readonly remotePort?: number | undefined }
): Remote => {
  if (socket.remoteAddress === undefined) return { transport, text: `${protocol}://?`, host: Option.none() }
  const host = unmapped(socket.remoteAddress)
  const bracketed = host.includes(":") ? `[${host}]` : host
  return { transport, text: `${protocol}://${bracketed}:${socket.remotePort}`, host: Option.some(host) }
}
