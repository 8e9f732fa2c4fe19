import { bitFlips } from "@gc/transport-trials/security/bitFlips"
import { ws } from "../kit.ts"

bitFlips(ws)
