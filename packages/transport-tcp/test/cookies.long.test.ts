import { cookies } from "@gc/transport-trials/cookies"
import { tcp } from "./kit.ts"

cookies(tcp)
