import { accepting } from "@gc/transport-trials/accepting"
import { tcp } from "./kit.ts"

accepting(tcp)
