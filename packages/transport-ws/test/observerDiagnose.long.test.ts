import { observerDiagnoses } from "@gc/transport-trials/observerDiagnose"
import { ws } from "./kit.ts"

observerDiagnoses(ws)
