import { observers } from "@gc/transport-trials/observer"
import { ws } from "./kit.ts"

observers(ws)
