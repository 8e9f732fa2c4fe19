import { closing } from "@gc/transport-trials/closing"
import { tcp } from "./kit.ts"

closing(tcp)
