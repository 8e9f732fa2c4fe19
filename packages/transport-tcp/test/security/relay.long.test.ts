import { relays } from "@gc/transport-trials/security/relay"
import { tcp } from "../kit.ts"

relays(tcp)
