import { preSharedKeys } from "@gc/transport-trials/psk"
import { tcp } from "./kit.ts"

preSharedKeys(tcp)
