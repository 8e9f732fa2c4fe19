import { parentPort } from "node:worker_threads"
import { loadProtocol } from "./mutate.ts"
import type { Job } from "./pool.ts"
import { runScenario } from "./run.ts"
import { scenarioOf } from "./scenarios/index.ts"

parentPort?.on("message", (job: Job) => {
  void loadProtocol(job.protocol).then((protocol) => {
    parentPort?.postMessage(runScenario(protocol, scenarioOf(job.scenario), job.size, job.seed))
  })
})
