import * as StreamOptions from "@gc/core/StreamOptions"
import * as Schema from "effect/Schema"

/** The entry `transport.tcp` of a configuration; its `security` is core's. @internal */
export const settings = Schema.Struct(StreamOptions.fields)
