import { dialing } from "@gc/transport-trials/dialing"
import { tcp } from "./kit.ts"

dialing(tcp)
