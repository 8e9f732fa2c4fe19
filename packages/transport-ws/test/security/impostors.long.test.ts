import { impostors } from "@gc/transport-trials/security/impostors"
import { ws } from "../kit.ts"

impostors(ws)
