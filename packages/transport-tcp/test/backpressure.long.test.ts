import { backpressure } from "@gc/transport-trials/backpressure"
import { tcp } from "./kit.ts"

backpressure(tcp)
