import { secrecy } from "@gc/transport-trials/secrets"
import { ws } from "./kit.ts"

secrecy(ws)
