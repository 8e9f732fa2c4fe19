import type * as Address from "@gc/core/Address"
import type { Configuration } from "@gc/core/Configuration"
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { checkCertificates } from "./certificates.ts"
import { checkCookie, needsCookie } from "./cookie.ts"
import { checkEpmd, type Settings as EpmdSettings } from "./epmd.ts"
import { type Finding, ok, skipped, warning } from "./finding.ts"
import { checkMulticast, type Settings as GossipSettings } from "./multicast.ts"
import { checkNames } from "./names.ts"
import { checkNameServers, type Settings as DnsSettings } from "./nameServers.ts"
import { checkLoopback, countOf, examinePeers, named, placeOf } from "./peers.ts"
import { checkPorts, type Found, unusable } from "./ports.ts"
import { type Built, prepare, type Prepared } from "./prepare.ts"
import { checkSamePort } from "./samePort.ts"
import { lookAtAll } from "./sources.ts"
import { materialOf } from "./tlsFiles.ts"
import { answers, verdictOn } from "./verdict.ts"

/** Hears of each finding as it is made, and of what takes a while. */
export interface Listener {
  readonly tell: (finding: Finding) => Effect.Effect<void>
  readonly progress: (text: string) => Effect.Effect<void>
}

/** How an examination goes. */
export interface Settings extends Listener {
  /** How long sources that only listen are listened to. Default: 6 seconds. */
  readonly listenFor?: Duration.Duration | undefined
}

/** How an examination ended. */
export interface Summary {
  readonly ok: boolean
  readonly counts: Readonly<Record<Finding["status"], number>>
}

const describe = ({ discoveries, options, transports }: Configuration): string => {
  const by = transports.map(({ key, security }) => `${key} (${security})`).join(", ")
  const sources =
    discoveries.length === 0 ? "no discovery" : `discovery by ${discoveries.map(({ key }) => key).join(", ")}`
  return `${options.node ?? "a node"} of the cluster ${options.cluster}, transport ${by}, ${sources}`
}

const examineTls = (configuration: Configuration): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.map(Clock.currentTimeMillis, (now) =>
    configuration.transports.flatMap((entry) => {
      if (entry.security !== "mtls") return []
      const material = materialOf(configuration, entry)
      if (material === undefined)
        return [skipped("tls", `transport.${entry.key}`, "its certificates are its own matter")]
      return "status" in material ? [material] : checkCertificates(material, now)
    })
  )

const examinePorts = (
  { configuration, observer }: Prepared,
  { entry, problem, transport }: Built,
  isUncertified: boolean
) =>
  transport === undefined
    ? Effect.succeed<Found>({ findings: unusable(entry.key, problem), addresses: [], instance: undefined })
    : checkPorts({
        entry,
        transport,
        allowPlaintext: configuration.options.allowPlaintext ?? false,
        observer,
        node: configuration.options.node,
        isUncertified: entry.security === "mtls" && isUncertified
      })

/** The looks behind a source that its own answer does not tell apart. */
const examineSource = (
  key: string,
  settings: unknown,
  node: string | undefined
): Effect.Effect<ReadonlyArray<Finding>> => {
  switch (key) {
    case "dns":
      return checkNameServers(settings as DnsSettings)
    case "gossip":
      return checkMulticast(settings as GossipSettings)
    case "epmd":
      return checkEpmd(settings as EpmdSettings, node)
    default:
      return Effect.succeed([])
  }
}

const takesAnyPort = ({ transports }: Configuration): boolean =>
  transports.some(
    ({ settings }) => typeof settings === "object" && settings !== null && "port" in settings && settings.port === 0
  )

/** Takes every step, from the configuration to the handshake with every peer, and changes nothing on the way. */
export const examine = (configuration: Configuration, settings: Settings): Effect.Effect<Summary> =>
  Effect.scoped(
    Effect.gen(function* () {
      const counts = { ok: 0, warning: 0, failed: 0, skipped: 0 }
      const tell = (finding: Finding) =>
        Effect.suspend(() => {
          counts[finding.status]++
          return settings.tell(finding)
        })
      const tellAll = (findings: ReadonlyArray<Finding>) => Effect.forEach(findings, tell, { discard: true })
      const { discoveries, options } = configuration
      yield* tell(ok("configuration", configuration.source, describe(configuration)))
      for (const text of configuration.warnings) {
        yield* tell(
          warning("configuration", configuration.source, "unwise", text, "change the configuration as it says")
        )
      }
      const prepared = yield* prepare(configuration)
      const { context, observer } = prepared
      yield* tell(checkCookie(prepared))
      const looking = yield* Effect.forkChild(
        lookAtAll({ discoveries, context, listenFor: settings.listenFor, tell: () => Effect.void })
      )
      const certificates = yield* examineTls(configuration)
      yield* tellAll(certificates)
      const isUncertified = certificates.some(({ status }) => status === "failed")
      const own: Array<Address.Address> = []
      let instance: string | undefined
      for (const built of prepared.transports) {
        const found = yield* examinePorts(prepared, built, isUncertified)
        own.push(...found.addresses)
        instance ??= found.instance
        yield* tellAll(found.findings)
      }
      yield* tellAll(checkSamePort(configuration))
      for (const entry of discoveries) {
        yield* tellAll(yield* examineSource(entry.key, entry.settings, options.node))
      }
      if (discoveries.length > 0) yield* settings.progress("looking by every source, up to 15 seconds")
      const seen = yield* Fiber.join(looking)
      yield* tellAll(seen.map((each) => verdictOn(configuration, each)))
      const peers = named(seen)
      yield* tellAll(checkLoopback(own, peers))
      if (discoveries.length === 0) {
        const remedy = "add a discovery (static, dns, gossip, epmd), unless the others list this node"
        yield* tell(warning("discovery", configuration.source, "no_discovery", "this node looks for nobody", remedy))
      } else if (observer === undefined) {
        const missing = needsCookie(configuration) && prepared.problem !== undefined ? "a cookie" : "a transport"
        if (peers.length > 0)
          yield* tell(skipped("peer", "", `${countOf(peers.length)}: there is no way to them without ${missing}`))
      } else {
        yield* settings.progress(`walking to ${countOf(peers.length)}`)
        const examined = yield* examinePeers({
          peers,
          own: new Set(own.map(placeOf)),
          node: options.node,
          observer,
          answered: seen.some(answers),
          tell
        })
        yield* tellAll(checkNames({ name: options.node, instance, anyPort: takesAnyPort(configuration) }, examined))
      }
      return { ok: counts.failed === 0, counts }
    })
  )
