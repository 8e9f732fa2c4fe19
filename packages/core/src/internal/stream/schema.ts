import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Setting from "../../Setting.ts"
import { aHost, anAdvertise, aTime, bounds, defaultPort, hostOf, readAdvertise } from "./options.ts"

const time = (description: string, usual: string) =>
  Schema.optionalKey(Setting.durationThat(Duration.isPositive, { description, default: usual, expected: aTime }))

const file = (description: string) => Setting.text({ description, expected: "the path of a file in PEM form" })

/**
 * `StreamOptions` as the entry of a transport in a configuration has them, for `Schema.Struct`. `security` is core's there.
 *
 * @category schemas
 * @since 0.1.0
 */
export const fields = {
  host: Schema.optionalKey(
    Setting.textThat((text) => (hostOf(text) === undefined ? `expected ${aHost}` : undefined), {
      description: "The host to bind to: an IP address of this machine, or a name that resolves to one.",
      default: '"0.0.0.0"; in plain mode without allowPlaintext "127.0.0.1"',
      expected: aHost
    })
  ),
  port: Schema.optionalKey(
    Setting.bindPort({
      description: "The port to bind to; 0 takes any free one, and the real one is advertised.",
      default: defaultPort
    })
  ),
  advertise: Schema.optionalKey(
    Setting.textThat((text) => Result.getOrUndefined(Result.flip(readAdvertise(text))), {
      description: "What other nodes are told to dial: host, host:port or [ipv6]:port; without a port the bound one.",
      default: "the bound host, or the first address of this machine that others can reach",
      expected: anAdvertise
    })
  ),
  connectTimeout: time("How long a dial may take, TLS included.", "5 seconds"),
  keepAlive: time(
    'How long a connection is idle before TCP probes the other end; "infinity" never does.',
    "15 seconds"
  ),
  maxPending: Schema.optionalKey(
    Setting.integer({
      minimum: bounds.maxPending[0],
      maximum: bounds.maxPending[1],
      description: "How many incoming connections may wait in their handshake, or to be taken.",
      default: 64
    })
  ),
  highWaterMark: Schema.optionalKey(
    Setting.integer({
      minimum: bounds.highWaterMark[0],
      maximum: bounds.highWaterMark[1],
      description: "Sending waits while more than this many bytes are not written yet.",
      default: 262_144
    })
  ),
  tls: Schema.optionalKey(
    Setting.of(
      Schema.Struct({
        certFile: file("The node's certificate, and the intermediate ones that lead to the root."),
        keyFile: file("Its private key, not encrypted, in a file that only its owner may read."),
        caFile: file("The roots that may vouch for members; those of the system never count.")
      }),
      {
        description: "The certificates of this node, for the security mtls.",
        expected: '{ "certFile": "node.pem", "keyFile": "node.key", "caFile": "ca.pem" }'
      }
    )
  )
}
