import { securedStreams } from "@gc/transport-trials/secured"
import { tcp } from "./kit.ts"

securedStreams(tcp)
