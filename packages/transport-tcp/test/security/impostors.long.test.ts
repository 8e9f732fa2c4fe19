import { impostors } from "@gc/transport-trials/security/impostors"
import { tcp } from "../kit.ts"

impostors(tcp)
