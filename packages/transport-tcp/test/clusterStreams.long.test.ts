import { clusterStreams } from "@gc/transport-trials/clusterStreams"
import { tcp } from "./kit.ts"

clusterStreams(tcp)
