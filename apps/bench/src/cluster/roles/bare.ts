/** A process that loads the modules named in its arguments, and does nothing: what an idle node is compared with. */
import { serve } from "./role.ts"

await Promise.all(process.argv.slice(2).map((module) => import(module)))
await serve(async () => ({ leave: async () => {} }))
