import { observerDiagnoses } from "@gc/transport-trials/observerDiagnose"
import { tcp } from "./kit.ts"

observerDiagnoses(tcp)
