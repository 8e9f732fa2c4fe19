import * as Command from "effect/cli/Command"
import { config } from "./config.ts"
import { discover } from "./discover.ts"
import { doctor } from "./doctor.ts"
import { keygen } from "./keygen.ts"
import { members } from "./members.ts"
import { start } from "./start.ts"
import { tryIt } from "./try.ts"
import { watch } from "./watch.ts"

/** The whole program. */
export const gcluster = Command.make("gcluster").pipe(
  Command.withDescription(
    "Clusters of gc from the command line: try one, start a node, see who is in, find out what is wrong."
  ),
  Command.withExamples([
    { command: "gcluster try", description: "In two terminals: see a cluster work" },
    { command: "gcluster start --config gc.json", description: "A node as the file says" },
    {
      command: "gcluster --completions bash > ~/.local/share/bash-completion/completions/gcluster",
      description: "Completions for the shell"
    }
  ]),
  Command.withSubcommands([tryIt, start, members, watch, discover, doctor, config, keygen])
)
