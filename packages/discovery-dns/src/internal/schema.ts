import * as Setting from "@gc/core/Setting"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { refuseName } from "./names.ts"
import {
  aBasename,
  anInterval,
  aProtocol,
  isInterval,
  maxDomains,
  readBasename,
  readDomain,
  readProtocol
} from "./options.ts"
import { limits } from "./resolvConf.ts"
import { aServer, parseServer } from "./servers.ts"
import { aTime, isTime, maxServers } from "./settings.ts"

const textOf = (
  read: (text: string) => Result.Result<unknown, string>,
  about: Parameters<typeof Setting.textThat>[1]
) => Setting.textThat((text) => Result.getOrUndefined(Result.flip(read(text))), about)

const isWithin =
  (least: number, most: number) =>
  (given: string | ReadonlyArray<string>): boolean =>
    typeof given === "string" || (given.length >= least && given.length <= most)

const domain = textOf(readDomain, {
  description: "A name to ask for, or an IP address.",
  expected: 'a domain, such as "web.shop"'
})

const domains = `a domain, such as "web.shop", or a list of 1 to ${maxDomains}`
const types = '"A", "AAAA", "SRV", or a list of them'
const servers = `1 to ${maxServers} IP addresses, such as ["10.0.0.2", "[::1]:5353"]`
const search = `at most ${limits.search} domains, such as ["shop.svc.cluster.local"]`

/** The entry `discovery.dns` of a configuration. @internal */
export const settings = Schema.Struct({
  domain: Setting.oneOrMore(domain, {
    description:
      "The name to ask for, or several: the peers are those of all. Without a dot at its end it is tried in the search domains. An IP address is a peer itself.",
    expected: domains
  }).check(Schema.makeFilter(isWithin(1, maxDomains), { expected: domains })),
  type: Schema.optionalKey(
    Setting.oneOrMore(Setting.oneOf(["A", "AAAA", "SRV"], { description: "A type of records." }), {
      description: "The records to ask for; of several all count.",
      default: ["A", "AAAA"],
      expected: types
    }).check(Schema.makeFilter(isWithin(1, Infinity), { expected: types }))
  ),
  hostType: Schema.optionalKey(
    Setting.oneOf(["ip", "hostname"], {
      description:
        "Under what a peer is dialed: the address, or a name that is resolved at each dial (an SRV record's target, an address's PTR record).",
      default: '"hostname" for SRV alone, else "ip"'
    })
  ),
  basename: Schema.optionalKey(
    textOf(readBasename, {
      description: 'What stands before the "@" of all nodes: a peer is then basename@host, and nobody else.',
      default: "whoever answers",
      expected: aBasename
    })
  ),
  port: Schema.optionalKey(
    Setting.port({ description: "The port of peers that come from A and AAAA records.", default: 4370 })
  ),
  protocol: Schema.optionalKey(
    textOf(readProtocol, { description: "The protocol of all peers.", default: "tcp", expected: aProtocol })
  ),
  refreshInterval: Schema.optionalKey(
    Setting.durationThat(isInterval, {
      description: "How long to wait from the end of a look to the next.",
      default: "the cluster's refreshInterval",
      expected: anInterval
    })
  ),
  respectTtl: Schema.optionalKey(
    Setting.flag({
      description: "Whether to look again only when the records' time to live is over, an hour at most.",
      default: false
    })
  ),
  servers: Schema.optionalKey(
    Setting.list(
      Setting.textThat((text) => (Result.isFailure(parseServer(text)) ? `expected ${aServer}` : undefined), {
        description: "A server of names.",
        expected: aServer
      }),
      {
        description: "Whom to ask, IP addresses with or without a port. No resolv.conf is read then.",
        default: "the system's, of resolvConf",
        expected: servers
      }
    ).check(Schema.isMinLength(1), Schema.isMaxLength(maxServers))
  ),
  search: Schema.optionalKey(
    Setting.list(
      Setting.textThat(refuseName, {
        description: "A domain to try names in.",
        expected: 'a domain, such as "shop.svc.cluster.local"'
      }),
      {
        description: "Domains to try a name in that has no dot at its end.",
        default: "the file's; with servers, none",
        expected: search
      }
    ).check(Schema.isMaxLength(limits.search))
  ),
  ndots: Schema.optionalKey(
    Setting.integer({
      minimum: 0,
      maximum: limits.ndots,
      description: "With so many dots a name is first asked as it is.",
      default: "the file's, or 1"
    })
  ),
  attempts: Schema.optionalKey(
    Setting.integer({
      minimum: 1,
      maximum: limits.attempts,
      description: "How often each server is asked.",
      default: "the file's, or 2"
    })
  ),
  patience: Schema.optionalKey(
    Setting.durationThat(isTime, {
      description: "After which silence the next server is asked, too; twice that in the second round.",
      default: "the file's, or 1 second",
      expected: aTime
    })
  ),
  rotate: Schema.optionalKey(
    Setting.flag({
      description: "Whether each question begins with another server.",
      default: "the file's, or false"
    })
  ),
  resolvConf: Schema.optionalKey(
    Setting.text({
      description: "The file with the servers; a relative path is beside the configuration file.",
      default: "/etc/resolv.conf",
      expected: "the path of a file"
    })
  ),
  lookupTimeout: Schema.optionalKey(
    Setting.durationThat(isTime, {
      description: "How long one look may take in all.",
      default: "5 seconds",
      expected: aTime
    })
  )
})
