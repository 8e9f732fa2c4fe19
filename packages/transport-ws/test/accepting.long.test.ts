import { accepting } from "@gc/transport-trials/accepting"
import { ws } from "./kit.ts"

accepting(ws)
