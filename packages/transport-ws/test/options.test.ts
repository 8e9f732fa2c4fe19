import { options } from "@gc/transport-trials/options"
import { ws } from "./kit.ts"

options(ws)
