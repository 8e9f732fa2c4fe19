import * as Setting from "@gc/core/Setting"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { isIP } from "./ip.ts"
import { aGroup, anInterface, aTime, isTime, readAddress, type Rule, rules } from "./settings.ts"

const anAddress = "an IPv4 or IPv6 address of this machine, such as 0.0.0.0"

/** Each rule is a check of its own, so that one that is broken is told whatever the others look at. */
const ruleOf = (rule: Rule) =>
  Schema.makeFilter((options: Parameters<Rule>[0]) => {
    const read = rule(options)
    if (Result.isSuccess(read)) return undefined
    return { path: [read.failure.key], issue: `expected ${read.failure.expected}` }
  })

const [firstRule, ...otherRules] = rules()

/** The entry `discovery.gossip` of a configuration. @internal */
export const settings = Schema.Struct({
  port: Schema.optionalKey(
    Setting.port({
      description: "The UDP port of the group. Several nodes of one host share it.",
      default: 45_892
    })
  ),
  ifAddr: Schema.optionalKey(
    Setting.textThat((text) => (isIP(text) === undefined ? `expected ${anAddress}` : undefined), {
      description: "The local address that is bound; on Linux only 0.0.0.0 and :: hear multicast and broadcast.",
      default: '"0.0.0.0", and "::" where the group is IPv6',
      expected: anAddress
    })
  ),
  multicastAddr: Schema.optionalKey(
    Setting.textThat((text) => (readAddress(text) === undefined ? `expected ${aGroup}` : undefined), {
      description: "The group, IPv4 or IPv6; with broadcastOnly the address to send to.",
      default: "230.1.1.251",
      expected: aGroup
    })
  ),
  multicastTtl: Schema.optionalKey(
    Setting.integer({
      minimum: 0,
      maximum: 255,
      description: "How many routers a beacon may pass, and one: 0 stays on the host, 1 in the network segment.",
      default: 1
    })
  ),
  multicastIf: Schema.optionalKey(
    Setting.oneOrMore(
      Setting.text({ description: "The name or the address of an interface.", expected: anInterface }),
      {
        description:
          'Where beacons go out and are listened for: names or addresses of interfaces, or "all" that are not loopback.',
        default: "the one that the routing table says; with broadcastOnly all",
        expected: anInterface
      }
    )
  ),
  broadcastOnly: Schema.optionalKey(
    Setting.flag({
      description: "Sends to broadcast addresses instead of a group, for IPv4 networks that drop multicast.",
      default: false
    })
  ),
  interval: Schema.optionalKey(
    Setting.durationThat(isTime, {
      description: "Between two beacons, with a jitter of a fifth.",
      default: "uniform between 1 and 5000 milliseconds",
      expected: aTime
    })
  ),
  lifetime: Schema.optionalKey(
    Setting.durationThat(isTime, {
      description: "A peer of which nothing was heard for so long is forgotten. At least three times the interval.",
      default: "30 seconds, or six times the interval",
      expected: aTime
    })
  ),
  format: Schema.optionalKey(
    Setting.oneOf(["gc", "libcluster"], {
      description:
        "Authenticated and encrypted with the cluster's cookie, or as Elixir's libcluster, which tells names only and proves nothing.",
      default: "gc"
    })
  ),
  secret: Schema.optionalKey(
    Setting.secret({
      description: "The secret of libcluster's Gossip strategy.",
      expected: 'a text with the format "libcluster", and none with "gc", which takes the cluster\'s cookie'
    })
  ),
  insecure: Schema.optionalKey(
    Setting.flag({
      description:
        "Said aloud that beacons which prove nothing are wanted: the format libcluster, or a cluster without a cookie.",
      default: false
    })
  )
}).check(ruleOf(firstRule), ...otherRules.map(ruleOf))
