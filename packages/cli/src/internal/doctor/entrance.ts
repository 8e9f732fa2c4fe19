import * as Address from "@gc/core/Address"
import type { Configuration, ConfiguredTransport } from "@gc/core/Configuration"
import { defaultPort } from "@gc/core/NameResolver"
import type { Observer } from "@gc/core/Observer"
import * as Peer from "@gc/core/Peer"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import { resolve } from "node:path"
import { requireConfiguration } from "../context.ts"
import { type CliFailure, failure } from "../failure.ts"
import { loadNamed } from "../plugins.ts"
import { prepare, type Prepared } from "./prepare.ts"

/** What these flags say. */
export interface Given {
  readonly config: Option.Option<string>
  readonly via: Option.Option<string>
  readonly cluster: Option.Option<string>
  readonly cookieFile: Option.Option<string>
  readonly security: Option.Option<string>
}

/** A way into a cluster: what watches it, and whom to try before anybody is looked for. */
export interface Entrance extends Prepared {
  readonly observer: Observer
  readonly first: ReadonlyArray<Peer.Peer>
}

const viaOf = (text: string): Result.Result<Peer.Peer, string> =>
  Result.flatMap(Address.parse(text.includes("://") ? text : `tcp://${text}`), (address) =>
    address.port === 0 ? Result.fail("nobody is dialed at port 0") : Result.succeed(Peer.fromAddress(address))
  )

/** Without a file the transport is tcp, where the environment names no other: an address says it as well. */
const transportOf = ({ via }: Given): Readonly<Record<string, string>> =>
  Option.isSome(via) && /^wss?:/i.test(via.value) ? { GC_TRANSPORT_WS_PORT: "0" } : {}

/** A configuration of flags and the environment, without a file. */
const withoutFile = (given: Given): Effect.Effect<Configuration, CliFailure> =>
  Effect.gen(function* () {
    const Configuration = yield* Effect.promise(() => import("@gc/core/Configuration"))
    const said = {
      GC_CLUSTER: Option.getOrUndefined(given.cluster),
      GC_COOKIE_FILE: Option.getOrUndefined(Option.map(given.cookieFile, (path) => resolve(path))),
      GC_SECURITY: Option.getOrUndefined(given.security)
    }
    const env: Record<string, string> = {}
    for (const [key, value] of Object.entries({ ...transportOf(given), ...process.env, ...said })) {
      if (value !== undefined && !(key === "GC_COOKIE" && said.GC_COOKIE_FILE !== undefined)) env[key] = value
    }
    const read = Effect.gen(function* () {
      const named = yield* Configuration.named(undefined)
      const plugins = yield* loadNamed(named, { file: process.cwd(), working: process.cwd() })
      return yield* Configuration.read(undefined, plugins)
    })
    const found = yield* read.pipe(
      Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env })),
      Effect.catchTag("ConfigurationError", (error) => failure("configuration", error.message))
    )
    if (Option.isNone(found)) return yield* failure("usage", "--via needs the name of the cluster: --cluster NAME")
    return found.value
  })

const textIn = (settings: unknown, key: string): string | number | undefined => {
  if (typeof settings !== "object" || settings === null) return undefined
  const value = (settings as Readonly<Record<string, unknown>>)[key]
  return typeof value === "string" || typeof value === "number" ? value : undefined
}

/** How an address of its listener begins; `undefined` for a transport that is not known here. */
const schemeOf = ({ key, security, settings }: ConfiguredTransport): string | undefined => {
  if (key === "tcp") return "tcp"
  if (key !== "ws") return undefined
  const certified = typeof settings === "object" && settings !== null && "tls" in settings
  return security === "plain" && !certified ? "ws" : "wss"
}

/** What `advertise` says, as an address. */
const addressIn = (advertised: string, scheme: string, port: string | number): string => {
  if (advertised.includes("://")) return advertised
  return `${scheme}://${/:\d+$/.test(advertised) ? advertised : `${advertised}:${port}`}`
}

/** Where the node of this configuration listens, if it runs on this machine. */
const ownAddresses = (transport: ConfiguredTransport): ReadonlyArray<Peer.Peer> => {
  const { settings } = transport
  const scheme = schemeOf(transport)
  if (scheme === undefined) return []
  const [host, port = defaultPort] = [textIn(settings, "host"), textIn(settings, "port")]
  if (port === 0) return []
  const here = host === undefined || Address.isUnspecified(String(host)) ? "127.0.0.1" : String(host)
  const advertised = textIn(settings, "advertise")
  const texts = [`${scheme}://${here.includes(":") ? `[${here}]` : here}:${port}`]
  if (typeof advertised === "string") texts.push(addressIn(advertised, scheme, port))
  return texts.flatMap((text) => Option.toArray(Result.getSuccess(viaOf(text))))
}

/** The way into the cluster that the flags describe. */
export const enter = Effect.fnUntraced(function* (given: Given): Effect.fn.Return<Entrance, CliFailure, Scope.Scope> {
  const via = Option.map(given.via, viaOf)
  if (Option.isSome(via) && Result.isFailure(via.value)) {
    return yield* failure("usage", `--via wants HOST:PORT or an address such as tls://HOST:PORT: ${via.value.failure}`)
  }
  const isFileless = Option.isSome(given.via) && Option.isNone(given.config)
  const configuration = yield* isFileless ? withoutFile(given) : requireConfiguration(given.config)
  const prepared = yield* prepare(configuration)
  const { observer, problem, transports } = prepared
  if (observer === undefined) {
    const broken = transports.find(({ transport }) => transport === undefined)
    return yield* failure("configuration", problem ?? broken?.problem ?? "there is no transport")
  }
  const named = Option.toArray(Option.flatMap(via, (read) => Result.getSuccess(read)))
  return { ...prepared, observer, first: named.length > 0 ? named : configuration.transports.flatMap(ownAddresses) }
})
