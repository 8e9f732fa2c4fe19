import { observers } from "@gc/transport-trials/observer"
import { tcp } from "./kit.ts"

observers(tcp)
