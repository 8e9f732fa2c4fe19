import * as Setting from "@gc/core/Setting"
import * as StreamOptions from "@gc/core/StreamOptions"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { anAdvertise, anOrigin, aPath, defaultPath, isOrigin, isPath, readAdvertise } from "./settings.ts"

/** The entry `transport.ws` of a configuration; its `security` is core's. @internal */
export const settings = Schema.Struct({
  ...StreamOptions.fields,
  path: Schema.optionalKey(
    Setting.textThat((text) => (isPath(text) ? undefined : `expected ${aPath}`), {
      description: "The path of the requests that are for gc.",
      default: defaultPath,
      expected: aPath
    })
  ),
  advertise: Schema.optionalKey(
    Setting.textThat((text) => Result.getOrUndefined(Result.flip(readAdvertise(text))), {
      description:
        "What other nodes are told to dial: host, host:port or a whole address, as wss://gc.example.org/gc behind a proxy.",
      default: "the bound host, or the first address of this machine that others can reach",
      expected: anAdvertise
    })
  ),
  allowedOrigins: Schema.optionalKey(
    Setting.list(
      Setting.textThat((text) => (isOrigin(text) ? undefined : `expected ${anOrigin}`), {
        description: "An origin.",
        expected: anOrigin
      }),
      {
        description: "Requests of browsers that are taken. Nodes send no Origin.",
        default: [],
        expected: `a list of ${anOrigin}`
      }
    )
  ),
  caFile: Schema.optionalKey(
    Setting.text({
      description: "The roots that may vouch for wss:// servers dialed in plain mode, such as a proxy.",
      default: "those of tls.caFile, or of the system",
      expected: "the path of a file in PEM form"
    })
  )
})
