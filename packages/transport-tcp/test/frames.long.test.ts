import { frames } from "@gc/transport-trials/frames"
import { tcp } from "./kit.ts"

frames(tcp)
