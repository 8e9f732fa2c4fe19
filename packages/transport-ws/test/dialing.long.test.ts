import { dialing } from "@gc/transport-trials/dialing"
import { ws } from "./kit.ts"

dialing(ws)
