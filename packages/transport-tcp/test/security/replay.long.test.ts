import { replays } from "@gc/transport-trials/security/replay"
import { tcp } from "../kit.ts"

replays(tcp)
