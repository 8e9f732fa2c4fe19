import { backpressure } from "@gc/transport-trials/backpressure"
import { ws } from "./kit.ts"

backpressure(ws)
