import { cookies } from "@gc/transport-trials/cookies"
import { ws } from "./kit.ts"

cookies(ws)
