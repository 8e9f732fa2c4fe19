import { insiders } from "@gc/transport-trials/security/insiders"
import { tcp } from "../kit.ts"

insiders(tcp)
