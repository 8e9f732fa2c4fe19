import { meddlingObservers } from "@gc/transport-trials/security/observers"
import { tcp } from "../kit.ts"

meddlingObservers(tcp)
