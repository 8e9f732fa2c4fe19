import { certificates } from "@gc/transport-trials/mtls"
import { tcp } from "./kit.ts"

certificates(tcp)
