import { clusters } from "@gc/transport-trials/cluster"
import { ws } from "./kit.ts"

clusters(ws)
