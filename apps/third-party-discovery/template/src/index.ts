import * as Address from "@gc/core/Address"
import * as Discovery from "@gc/core/Discovery"
import * as Peer from "@gc/core/Peer"
import * as Plugin from "@gc/core/Plugin"
import * as Setting from "@gc/core/Setting"
import * as Config from "effect/Config"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"

export interface Options {
  /** Where the list is: `["tcp://10.0.0.7:4370", …]`. */
  readonly url: string
  /** Between two looks; wins over the cluster's `refreshInterval`. */
  readonly interval?: Duration.Input | undefined
  /** How long one look may take. Default: 5 seconds. */
  readonly timeout?: Duration.Input | undefined
}

const List = Schema.fromJsonString(Schema.Array(Address.FromString).check(Schema.isMaxLength(1_024)))

/** Whoever can answer for the server cannot fill the memory. */
const mostBytes = 100_000

const read = async (url: string, signal: AbortSignal): Promise<string> => {
  const response = await fetch(url, { signal })
  if (!response.ok) throw new Error(`${url} answers ${response.status}`)
  let text = ""
  for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
    text += part
    if (text.length > mostBytes) throw new Error(`${url} answers with more than ${mostBytes} bytes`)
  }
  return text
}

export const make = ({ interval, timeout, url }: Options): Discovery.Source =>
  Discovery.poll({
    name: "example",
    interval,
    timeout,
    lookup: () =>
      Effect.tryPromise({
        try: (signal) => read(url, signal),
        catch: (cause) => new Discovery.LookFailed({ detail: String(cause), cause })
      }).pipe(
        Effect.flatMap(Schema.decodeEffect(List)),
        Effect.map((addresses) => addresses.map(Peer.fromAddress))
      )
  })

export const layer = (options: Options): Layer.Layer<Discovery.Discovery> =>
  Layer.succeed(Discovery.Discovery, make(options))

export const layerConfig = (options: Config.Wrap<Options>): Layer.Layer<Discovery.Discovery, Config.ConfigError> =>
  Layer.effect(Discovery.Discovery, Effect.map(Config.unwrap(options), make))

const expected = "a URL such as http://rosa/nodes.json"

const isUrl = (text: string): boolean => /^https?:$/.test(URL.parse(text)?.protocol ?? "")

export const plugin: Plugin.DiscoveryPlugin<Options> = Plugin.discovery({
  key: "example",
  schema: Schema.Struct({
    url: Setting.textThat((text) => (isUrl(text) ? undefined : `expected ${expected}`), {
      description: "Where the list is.",
      expected
    }),
    interval: Schema.optionalKey(
      Setting.duration({ description: "Between two looks.", default: "the cluster's refreshInterval" })
    ),
    timeout: Schema.optionalKey(Setting.duration({ description: "How long one look may take.", default: "5 seconds" }))
  }),
  layer
})
