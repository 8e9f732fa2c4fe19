import { secrecy } from "@gc/transport-trials/secrets"
import { tcp } from "./kit.ts"

secrecy(tcp)
