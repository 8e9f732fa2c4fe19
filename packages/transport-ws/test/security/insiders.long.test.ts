import { insiders } from "@gc/transport-trials/security/insiders"
import { ws } from "../kit.ts"

insiders(ws)
