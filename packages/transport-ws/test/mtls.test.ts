import { certificates } from "@gc/transport-trials/mtls"
import { ws } from "./kit.ts"

certificates(ws)
