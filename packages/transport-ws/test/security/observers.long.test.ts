import { meddlingObservers } from "@gc/transport-trials/security/observers"
import { ws } from "../kit.ts"

meddlingObservers(ws)
