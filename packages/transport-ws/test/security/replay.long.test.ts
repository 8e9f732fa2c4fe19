import { replays } from "@gc/transport-trials/security/replay"
import { ws } from "../kit.ts"

replays(ws)
