import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Cause from "effect/Cause"
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import type { ClusterError, Options } from "../../Cluster.ts"
import type { DiscoveryPlugin, Plugins, ResolverPlugin, TransportPlugin } from "../../Plugin.ts"
import * as Setting from "../../Setting.ts"
import { presets } from "../../protocol/figures.ts"
import { parseCookie } from "../../protocol/keys.ts"
import { cookieList } from "../keyring.ts"
import { readOptions } from "../options.ts"

/** What a check that is the cluster's own finds wrong, as the problem of a schema. */
const refused = (check: Effect.Effect<unknown, ClusterError>) => {
  const exit = Effect.runSyncExit(check)
  if (Exit.isSuccess(exit)) return undefined
  const error = Cause.findErrorOption(exit.cause)
  if (error._tag === "None" || error.value.reason._tag !== "OptionInvalid") {
    return { path: [], issue: "expected another value" }
  }
  const { expected, key } = error.value.reason
  return { path: key.split(".").slice(1), issue: `expected ${expected}` }
}

/** The rule that `Cluster.make` has for an option. */
const rule = (key: keyof Options) =>
  Schema.makeFilter((value: unknown) => refused(readOptions({ cluster: "any", [key]: value })))

/** The same for a part of an option that is right or wrong whatever the others are. */
const ruleOfPart = (key: keyof Options, part: string) =>
  Schema.makeFilter((value: unknown) => refused(readOptions({ cluster: "any", [key]: { [part]: value } }))?.issue)

const expectedCookie = '"hex:" and 64 hexadecimal digits, or a passphrase of at least 16 characters'

/** Whether a text is a cookie. */
export const isCookie = (text: string): boolean => parseCookie(text).ok

const cookieText = (description: string) =>
  Schema.RedactedFromValue(
    Schema.String.check(Schema.makeFilter(isCookie)).annotate({
      description,
      [Setting.expectedAnnotation]: expectedCookie,
      [Setting.secretAnnotation]: true
    })
  )

const labelledCookies = Schema.Array(
  Schema.Struct({
    label: Setting.text({ description: "How both ends know it.", expected: "1-64 printable ASCII characters" }),
    cookie: cookieText("The cookie of this label.")
  })
).check(Schema.makeFilter((list: unknown) => refused(cookieList(list, undefined))))

const cookie = Setting.of(Schema.Union([cookieText("One cookie for all."), labelledCookies]), {
  description:
    "What the nodes of a cluster share, and nobody else knows. Two with labels while one replaces the other: dial with the first, accept each.",
  default: "the content of cookieFile",
  expected: `${expectedCookie}; or a list of one or two { label, cookie }`
})

export const modes = ["psk", "mtls", "plain"] as const

const expectedMode = '"psk", "mtls" or "plain"'

const security = Setting.oneOf(modes, {
  description:
    "How streams are secured: TLS 1.3 with keys from the cookie, with certificates, or not at all. What a transport's own entry says wins.",
  default: "psk",
  expected: expectedMode
})

const reconnect = Setting.of(
  Schema.Union([
    Schema.Literal("never"),
    Schema.Struct({
      initial: Schema.optionalKey(Setting.duration({ description: "The longest first pause.", default: "250 millis" })),
      factor: Schema.optionalKey(
        Setting.of(Schema.Finite.check(ruleOfPart("reconnect", "factor")), {
          description: "What each further pause is longer by.",
          default: 2,
          expected: "a number of 1 to 10"
        })
      ),
      max: Schema.optionalKey(Setting.duration({ description: "The longest pause.", default: "30 seconds" }))
    }).check(rule("reconnect"))
  ]),
  {
    description: 'The pauses between dials of one peer, with full jitter. "never" dials each peer once.',
    default: { initial: "250 millis", factor: 2, max: "30 seconds" },
    expected: '"never", or { initial, factor, max }'
  }
)

const onRemoved = Setting.of(
  Schema.Union([
    Schema.Literals(["keep", "disconnect"]),
    Schema.Struct({
      disconnectAfter: Setting.duration({ description: "How long it stays connected when it is no longer listed." })
    }).check(rule("onRemoved"))
  ]),
  {
    description: "What becomes of a member that no source lists any more.",
    default: "keep",
    expected: '"keep", "disconnect", or { "disconnectAfter": "30 seconds" }'
  }
)

const presetNames = Object.keys(presets) as unknown as readonly ["lan", "lossy", "wan", "test", "erlang"]

const detector = Setting.of(
  Schema.Union([
    Schema.Literals(presetNames),
    Schema.Struct({
      heartbeat: Setting.duration({ description: "A link on which nothing was written for so long gets a heartbeat." }),
      suspectAfter: Setting.duration({ description: "A member that was silent for so long is suspected." }),
      downAfter: Setting.duration({ description: "A member that nobody heard for so long is down." })
    }).check(rule("detector"))
  ]),
  {
    description: "How soon a silent member is suspected and given up: a preset, or figures.",
    default: "lan",
    expected: `${presetNames.map((name) => JSON.stringify(name)).join(", ")}, or { heartbeat, suspectAfter, downAfter }`
  }
)

const atLeastOne = (about: Setting.About) =>
  Setting.integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, expected: "a whole number above 0", ...about })

const optional = Schema.optionalKey

/** Every key of the file that is an option of the cluster. */
export const optionFields = {
  cluster: Setting.of(Schema.String.check(rule("cluster")), {
    description: "The cluster's name: nodes of different clusters never connect.",
    expected: "1-64 bytes of UTF-8 without NUL"
  }),
  node: optional(
    Setting.of(Schema.String.check(rule("node")), {
      description: "The node's name, unique in the cluster.",
      default: "node-<8 hex digits>@<the first advertised host>",
      expected: "basename@host, for example a@10.0.0.7"
    })
  ),
  cookie: optional(cookie),
  cookieFile: optional(
    Setting.text({
      description: "A file with the cookie that only its owner can read.",
      default: "~/.gc.cookie, made where there is none",
      expected: "the path of a file"
    })
  ),
  security: optional(security),
  allowPlaintext: optional(Setting.flag({ description: "Permits plain streams beyond loopback.", default: false })),
  refreshInterval: optional(
    Setting.duration({
      description:
        'How often sources look. "infinity" looks once and, unless reconnect is given, never dials a peer again.',
      default: "5 seconds"
    }).check(rule("refreshInterval"))
  ),
  refresh_interval_ms: optional(
    Setting.duration({
      description: "refreshInterval by its name in gen_cluster; one of the two.",
      expected: 'a number of milliseconds, or "infinity"'
    }).check(rule("refreshInterval"))
  ),
  reconnect: optional(reconnect),
  onRemoved: optional(onRemoved),
  detector: optional(detector),
  metadata: optional(
    Setting.of(Schema.Record(Schema.String, Schema.String).check(rule("metadata")), {
      description: "Texts that the other members see, at most 4096 bytes.",
      default: {},
      expected: '{ "key": "text" }, keys of 1-64 letters, digits, "_", "." or "-"'
    })
  ),
  peerExchange: optional(
    Setting.flag({
      description: "Whether members tell each other whom they are linked to, so that one seed is enough.",
      default: true
    })
  ),
  maxPendingPerHost: optional(
    atLeastOne({ description: "Connections from one host that have not proved themselves.", default: 8 })
  ),
  maxMembers: optional(atLeastOne({ description: "Live members beyond this node.", default: 1024 })),
  maxMessageSize: optional(
    atLeastOne({ description: "The largest message of a channel, in bytes.", default: 16 * 1024 * 1024 })
  ),
  appVersion: optional(
    Setting.of(Schema.String.check(rule("appVersion")), {
      description: "A version of the application that peers may log.",
      expected: "a text of at most 64 bytes without control characters"
    })
  )
} satisfies Record<Exclude<keyof Options, "admit"> | "refresh_interval_ms", Schema.Top>

/** What an entry of the file says beside the settings of its plugin. */
export const entryFields = {
  package: optional(
    Setting.text({
      description: "The package to load the plugin from, for the program gcluster.",
      expected: "the name of a package"
    })
  ),
  security: optional(
    Setting.oneOf(modes, {
      description: "How the streams of this transport are secured.",
      default: "security of the file",
      expected: expectedMode
    })
  )
}

/** The three groups of entries, each keyed by the keys of plugins. */
export const groups = ["transport", "discovery", "resolver"] as const

export type Group = (typeof groups)[number]

export type AnyPlugin = DiscoveryPlugin | TransportPlugin | ResolverPlugin

export const pluginsOf = (plugins: Plugins, group: Group): ReadonlyArray<AnyPlugin> => plugins[group] ?? []

/** The keys that core takes from an entry. */
export const entryKeys = (group: Group): ReadonlyArray<keyof typeof entryFields> =>
  group === "transport" ? ["package", "security"] : ["package"]

export const groupDescriptions: Readonly<Record<Group, string>> = {
  transport: "How nodes are reached: entries by the keys of transports. Several are several listeners. Default: tcp.",
  discovery:
    "Where nodes are looked for: entries by the keys of discoveries. Several are their union. Default: nowhere.",
  resolver:
    "What finds the addresses of a node that is known by its name only: one entry. Default: the name's host, port 4370."
}

export const optionsSchema = Schema.Struct(optionFields)

/** Every place of the file that a schema describes: groups are the objects of their entries. */
export interface Place {
  readonly path: ReadonlyArray<string>
  readonly ast: SchemaAST.AST
}

/** The outermost places: options, entries, and what core takes from entries. */
export const placesOf = (plugins: Plugins): ReadonlyArray<Place> => [
  ...Object.entries(optionFields).map(([name, field]) => ({ path: [name], ast: field.ast })),
  ...groups.flatMap((group) =>
    pluginsOf(plugins, group).flatMap((plugin) => [
      { path: [group, plugin.key], ast: plugin.schema.ast },
      ...entryKeys(group).map((key) => ({ path: [group, plugin.key, key], ast: entryFields[key].ast }))
    ])
  )
]
