import { floods } from "@gc/transport-trials/flood"
import { tcp } from "./kit.ts"

floods(tcp)
