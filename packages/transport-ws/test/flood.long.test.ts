import { floods } from "@gc/transport-trials/flood"
import { ws } from "./kit.ts"

floods(ws)
