import { preSharedKeys } from "@gc/transport-trials/psk"
import { ws } from "./kit.ts"

preSharedKeys(ws)
