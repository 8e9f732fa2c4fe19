import { bitFlips } from "@gc/transport-trials/security/bitFlips"
import { tcp } from "../kit.ts"

bitFlips(tcp)
