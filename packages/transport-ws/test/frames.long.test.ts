import { frames } from "@gc/transport-trials/frames"
import { ws } from "./kit.ts"

frames(ws)
