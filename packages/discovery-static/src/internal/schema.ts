import * as Address from "@gc/core/Address"
import * as Setting from "@gc/core/Setting"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { forms, readEntry } from "./entries.ts"

const refusal = (entry: string, protocol: string): string | undefined => {
  const read = readEntry(entry, protocol)
  return Result.isFailure(read) ? `expected ${read.failure}` : undefined
}

const refuseProtocol = (protocol: string): string | undefined =>
  Result.getOrUndefined(Result.flip(Address.parse(`${protocol}://rosa:1`)))

/** Takes what some protocol takes, such as a path after the port. */
const anyProtocol = "wss"

const entry = Setting.textThat((text) => refusal(text, anyProtocol), {
  description: "A node: its name, with a port if epmd or port 4370 do not lead there, or an address.",
  expected: forms
})

/** The entry `discovery.static` of a configuration. @internal */
export const settings = Schema.Struct({
  nodes: Setting.list(entry, {
    description: "The nodes of the cluster; this node itself may be among them.",
    expected: 'a list of nodes, such as ["b@rosa:4371"]'
  }),
  protocol: Schema.optionalKey(
    Setting.textThat(refuseProtocol, {
      description: "The protocol of entries with a port that name none.",
      default: "tcp",
      expected: 'a protocol that the transport dials, such as "tcp"'
    })
  )
}).check(
  Schema.makeFilter(({ nodes, protocol = "tcp" }) =>
    nodes.flatMap((text, index) => {
      const issue = refusal(text, protocol)
      return issue === undefined ? [] : [{ path: ["nodes", index], issue }]
    })
  )
)
