import { closing } from "@gc/transport-trials/closing"
import { ws } from "./kit.ts"

closing(ws)
