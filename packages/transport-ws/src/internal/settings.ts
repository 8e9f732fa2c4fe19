import * as Address from "@gc/core/Address"
import * as StreamOptions from "@gc/core/StreamOptions"
import * as Result from "effect/Result"
import type { HttpServer, Options } from "../Ws.ts"

/** Options with their defaults, checked. @internal */
export interface Settings extends StreamOptions.StreamSettings {
  readonly path: string
  readonly server: HttpServer | undefined
  readonly allowedOrigins: ReadonlySet<string>
  readonly ca: Options["ca"]
}

/** @internal */
export const defaultPath = "/gc"

/** @internal */
export const aPath = 'a path such as "/gc", without a query'

/** @internal */
export const isPath = (text: string): boolean => {
  if (!/^\/[\x21-\x7e]*$/.test(text) || /[?#]/.test(text)) return false
  const read = Address.parse(`ws://127.0.0.1:1${text}`)
  return Result.isSuccess(read) && read.success.path === text
}

/** @internal */
export const anOrigin = 'an origin as browsers send it, such as "https://app.example.org"'

/** @internal */
export const isOrigin = (text: string): boolean => {
  try {
    return new URL(text).origin === text
  } catch {
    return false
  }
}

/** @internal */
export const anAdvertise = "a host, host:port or ws:// or wss:// address that others can dial"

const usualPorts: Readonly<Record<string, number>> = { ws: 80, wss: 443 }

/** An address as a browser would have it, or what the other transports take. @internal */
export const readAdvertise = (text: string): StreamOptions.Checked<StreamOptions.Advertise> => {
  const whole = /^(wss?):\/\/([^/?#]+)(\/[^?#]*)?$/i.exec(text)
  if (whole === null) {
    return text.includes("://") ? Result.fail("that is no ws:// or wss:// address") : StreamOptions.readAdvertise(text)
  }
  const [, scheme = "", authority = "", path] = whole
  const protocol = scheme.toLowerCase()
  if (path !== undefined && path !== "/" && !isPath(path)) return Result.fail("its path cannot be dialed")
  return Result.map(StreamOptions.readAdvertise(authority), ({ host, port }) => ({
    protocol,
    host,
    port: port ?? usualPorts[protocol],
    path: path === "/" ? undefined : path
  }))
}

/** A server has these, whatever it is made of. */
const isServer = (value: unknown): value is HttpServer =>
  typeof value === "object" &&
  value !== null &&
  ["on", "off", "emit", "listenerCount", "address"].every(
    (name) => name in value && typeof value[name as keyof typeof value] === "function"
  )

const isPem = (value: unknown): boolean => typeof value === "string" || value instanceof Uint8Array

/** Fails with one sentence that names the option, its value and what is expected. @internal */
export const resolve = (options: Options): StreamOptions.Checked<Settings> =>
  Result.gen(function* () {
    const common = yield* StreamOptions.resolve(options, {
      names: ["path", "server", "allowedOrigins", "ca"],
      readAdvertise,
      anAdvertise
    })
    const { allowedOrigins = [], ca, path = defaultPath, server } = options
    if (typeof path !== "string" || !isPath(path)) return yield* StreamOptions.wrong("path", path, aPath)
    if (!Array.isArray(allowedOrigins) || !allowedOrigins.every((one) => typeof one === "string" && isOrigin(one))) {
      return yield* StreamOptions.wrong("allowedOrigins", allowedOrigins, `a list of ${anOrigin}`)
    }
    if (server !== undefined) {
      if (!isServer(server)) return yield* Result.fail("server is none of node:http or node:https")
      const [own] = (["host", "port"] as const).filter((name) => options[name] !== undefined)
      if (own !== undefined) return yield* Result.fail(`${own} is the server's: leave it out beside server`)
    }
    if (ca !== undefined && !(Array.isArray(ca) ? ca.length > 0 && ca.every(isPem) : isPem(ca))) {
      return yield* Result.fail("ca is something else, and PEM as a text or bytes, or a list of them, is expected")
    }
    return { ...common, path, server, allowedOrigins: new Set<string>(allowedOrigins), ca }
  })
