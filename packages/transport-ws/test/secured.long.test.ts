import { securedStreams } from "@gc/transport-trials/secured"
import { ws } from "./kit.ts"

securedStreams(ws)
