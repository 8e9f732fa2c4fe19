import { clusterStreams } from "@gc/transport-trials/clusterStreams"
import { ws } from "./kit.ts"

clusterStreams(ws)
