import * as Address from "@gc/core/Address"
import * as Setting from "@gc/core/Setting"
import * as Schema from "effect/Schema"
import { expected, isTime, isTimer, mostOfDaemon, readHost } from "./settings.ts"

const port = Schema.optionalKey(
  Setting.port({ description: "The port of every epmd.", default: "ERL_EPMD_PORT of the environment, or else 4369" })
)

const askedHost = Setting.textThat(
  (text) => {
    const host = readHost(text)
    if (host === undefined) return `expected ${expected.host}`
    return Address.isUnspecified(host) ? `expected ${expected.askedHost}` : undefined
  },
  { description: "A host whose epmd is asked.", expected: expected.host }
)

const limit = (description: string, usual: number | string) =>
  Schema.optionalKey(Setting.integer({ minimum: 1, maximum: mostOfDaemon, description, default: usual }))

const daemon = Schema.Struct({
  host: Schema.optionalKey(
    Setting.textThat((text) => (readHost(text) === undefined ? `expected ${expected.host}` : undefined), {
      description:
        "Where the daemon listens besides 127.0.0.1; with a host of its own it can be asked from other hosts.",
      default: "127.0.0.1",
      expected: expected.host
    })
  ),
  maxConnections: limit("The most connections at once.", 1_024),
  maxNames: limit("The most names that are registered.", "as many as connections may be registrations, 992"),
  idleTimeout: Schema.optionalKey(
    Setting.durationThat(isTimer, {
      description: "How long a connection that registered nothing may be idle.",
      default: "60 seconds",
      expected: expected.timer
    })
  )
})

/** The entry `discovery.epmd` of a configuration. @internal */
export const settings = Schema.Struct({
  hosts: Schema.optionalKey(
    Setting.list(askedHost, {
      description: "Whose epmds are asked; each is a source of its own, such as epmd:rosa.",
      default: ["127.0.0.1"],
      expected: expected.hosts
    }).check(Schema.isMinLength(1))
  ),
  port,
  register: Schema.optionalKey(
    Setting.flag({
      description: "Whether this node registers at the epmd of its own host, 127.0.0.1, to be found.",
      default: true
    })
  ),
  interval: Schema.optionalKey(
    Setting.durationThat(isTime, {
      description: "How often each host is asked.",
      default: "the cluster's refreshInterval",
      expected: expected.time
    })
  ),
  timeout: Schema.optionalKey(
    Setting.durationThat(isTime, {
      description: "How long one look at a host, or a registration, may take.",
      default: "5 seconds",
      expected: expected.time
    })
  ),
  daemon: Schema.optionalKey(
    Setting.of(
      Schema.Union([
        Setting.flag({ description: "Whether this node serves as the epmd where its host has none." }),
        daemon
      ]),
      {
        description:
          "Whether this node, when it registers and nobody listens on its host, serves as the epmd; and how.",
        default: true,
        expected: 'true, false, or settings such as { "host": "10.0.0.7" }'
      }
    )
  )
})

/** The entry `resolver.epmd` of a configuration. @internal */
export const resolverSettings = Schema.Struct({
  port,
  timeout: Schema.optionalKey(
    Setting.durationThat(isTime, {
      description: "How long one question may take.",
      default: "2 seconds",
      expected: expected.time
    })
  ),
  fallbackPort: Schema.optionalKey(
    Setting.port({ description: "The port of names on hosts whose epmd does not answer.", default: "none" })
  )
})
