import { clusters } from "@gc/transport-trials/cluster"
import { tcp } from "./kit.ts"

clusters(tcp)
