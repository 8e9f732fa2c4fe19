import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Result from "effect/Result"
import type { ResolveReason } from "../ResolveError.ts"
import { type Answered, askServer } from "./exchange.ts"
import type { Question } from "./message.ts"
import { monotonicMillis } from "./monotonic.ts"
import type { Configuration } from "./resolvConf.ts"
import { formatServer, type Server } from "./servers.ts"

/** How long a server that did not answer is asked after the others. */
const shunnedMillis = 30_000

/** Which servers did not answer lately. */
export class Standing {
  readonly #shunnedUntil: Map<string, number> = new Map()
  #turn = 0

  /** The servers in the order in which to ask them. */
  order({ rotate, servers }: Configuration, now: number): ReadonlyArray<Server> {
    const first = rotate ? this.#turn++ % servers.length : 0
    const turned = [...servers.slice(first), ...servers.slice(0, first)]
    const shunned = (server: Server): boolean => (this.#shunnedUntil.get(formatServer(server)) ?? 0) > now
    return [...turned.filter((server) => !shunned(server)), ...turned.filter(shunned)]
  }

  shun(server: string, now: number): void {
    this.#shunnedUntil.set(server, now + shunnedMillis)
  }

  clear(server: string): void {
    this.#shunnedUntil.delete(server)
  }
}

/** What is under way for one question, so that who loses patience can tell. */
export interface Progress {
  /** The servers that were asked and have not ended, and how they were asked last. */
  readonly waiting: Map<string, "udp" | "tcp">
  ignored: number
}

/**
 * Asks the servers in turn: the next one whenever one failed or was silent for a while, in rounds of doubled patience. Whoever
 * was asked may still answer, and the first answer wins. A server that failed is not asked again for this question. In later
 * rounds EDNS is left out: some network devices drop it.
 *
 * Waits until it is interrupted while a server is silent; fails with the first failure when all have failed.
 */
export const askServers = (
  configuration: Configuration,
  standing: Standing,
  question: Question,
  progress: Progress
): Effect.Effect<Answered, ResolveReason> =>
  Effect.scoped(
    Effect.gen(function* () {
      const servers = standing.order(configuration, yield* monotonicMillis)
      const ended = yield* Queue.unbounded<readonly [string, Result.Result<Answered, ResolveReason>]>()
      const failed = new Map<string, ResolveReason>()
      let running = 0
      progress.waiting.clear()

      const heard = Effect.fnUntraced(function* ([server, result]: readonly [
        string,
        Result.Result<Answered, ResolveReason>
      ]) {
        running--
        progress.waiting.delete(server)
        const now = yield* monotonicMillis
        if (Result.isFailure(result)) {
          failed.set(server, result.failure)
          standing.shun(server, now)
          return undefined
        }
        for (const silent of progress.waiting.keys()) standing.shun(silent, now)
        standing.clear(server)
        return result.success
      })

      for (let round = 0; round < configuration.attempts; round++) {
        for (const server of servers) {
          const name = formatServer(server)
          if (failed.has(name)) continue
          running++
          progress.waiting.set(name, "udp")
          yield* askServer(server, question, round === 0, {
            onIgnored: () => void progress.ignored++,
            onTcp: () => void progress.waiting.set(name, "tcp")
          }).pipe(
            Effect.result,
            Effect.flatMap((result) => Queue.offer(ended, [name, result] as const)),
            Effect.ignoreCause({ log: "Error", message: `asking ${name} broke` }),
            Effect.forkScoped
          )
          const next = yield* Effect.timeoutOption(Queue.take(ended), configuration.tryMillis * 2 ** round)
          const answer = Option.isSome(next) ? yield* heard(next.value) : undefined
          if (answer !== undefined) return answer
        }
      }
      while (running > 0) {
        const answer = yield* heard(yield* Queue.take(ended))
        if (answer !== undefined) return answer
      }
      const [reason] = failed.values()
      return yield* reason ?? Effect.die(new Error("a configuration has a server"))
    })
  )
