import { diagnoses } from "@gc/transport-trials/diagnose"
import { ws } from "./kit.ts"

diagnoses(ws)
