/** Flags that several commands have. */
import * as Flag from "effect/cli/Flag"

/** The configuration file; see `placeOf`. */
export const config = Flag.File("config").pipe(
  Flag.withAlias("c"),
  Flag.withDescription("The configuration file. Default: GC_CONFIG, or else gc.json in the working directory"),
  Flag.optional
)

export const json = Flag.Boolean("json").pipe(
  Flag.withDescription("Print JSON, one object a line"),
  Flag.withoutNegation,
  Flag.withDefault(false)
)
