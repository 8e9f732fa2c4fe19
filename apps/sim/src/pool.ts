import { Worker } from "node:worker_threads"
import { costOf } from "./estimate.ts"
import type { Outcome } from "./run.ts"

/** One run to do. `protocol` is the module to run; without it the real one. */
export interface Job {
  readonly scenario: string
  readonly size: number
  readonly seed: number
  readonly protocol?: string
}

/** Runs jobs on worker threads, the long ones first. `done` hears each outcome as it comes. */
export const runJobs = async (
  jobs: ReadonlyArray<Job>,
  threads: number,
  done: (outcome: Outcome, job: Job) => void
): Promise<void> => {
  const waiting = [...jobs].toSorted((a, b) => costOf(b) - costOf(a))
  const workers = Array.from({ length: Math.max(1, Math.min(threads, jobs.length)) }, () => serve(waiting, done))
  await Promise.all(workers)
}

const serve = (waiting: Array<Job>, done: (outcome: Outcome, job: Job) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL("worker.ts", import.meta.url))
    let job = waiting.shift()
    const next = () => {
      if (job !== undefined) worker.postMessage(job)
      else void worker.terminate().then(() => resolve())
    }
    worker.on("message", (outcome: Outcome) => {
      if (job !== undefined) done(outcome, job)
      job = waiting.shift()
      next()
    })
    worker.on("error", reject)
    next()
  })
