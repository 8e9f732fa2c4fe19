import * as Setting from "@gc/core/Setting"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { expected, isLease, isPrefix, isTime, serverOf } from "./settings.ts"

/** The entry `discovery.redis` of a configuration. */
export const entry = Schema.Struct({
  url: Schema.optionalKey(
    Setting.secret({
      description: "The server, its user and its password.",
      default: "redis://127.0.0.1:6379",
      expected: expected.url
    }).check(
      Schema.makeFilter((url: Redacted.Redacted<string>) => serverOf(Redacted.value(url)) !== undefined, {
        expected: expected.url
      })
    )
  ),
  prefix: Schema.optionalKey(
    Setting.textThat((text) => (isPrefix(text) ? undefined : `expected ${expected.prefix}`), {
      description: "What the keys begin with; the same for all nodes of a cluster.",
      default: "gc",
      expected: expected.prefix
    })
  ),
  lease: Schema.optionalKey(
    Setting.durationThat(isLease, {
      description:
        "How long a node stays listed that says nothing any more. Renewed at a third of it, after 30 seconds at the latest.",
      default: "15 seconds",
      expected: expected.lease
    })
  ),
  interval: Schema.optionalKey(
    Setting.durationThat(isTime, {
      description: "Between two looks.",
      default: "the cluster's refreshInterval",
      expected: expected.time
    })
  ),
  timeout: Schema.optionalKey(
    Setting.durationThat(isTime, {
      description: "How long one look, or one renewal, may take.",
      default: "5 seconds",
      expected: expected.time
    })
  )
})
