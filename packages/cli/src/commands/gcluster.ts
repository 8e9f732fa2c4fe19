import * as Command from "effect/cli/Command"
import { keygen } from "./keygen.ts"
import { start } from "./start.ts"

/** The whole program. */
export const gcluster = Command.make("gcluster").pipe(
  Command.withDescription(
    "Clusters of gc from the command line: try one, start a node, see who is in, find out what is wrong."
  ),
  Command.withSubcommands([start, keygen])
)
