import { diagnoses } from "@gc/transport-trials/diagnose"
import { tcp } from "./kit.ts"

diagnoses(tcp)
