import { relays } from "@gc/transport-trials/security/relay"
import { ws } from "../kit.ts"

relays(ws)
