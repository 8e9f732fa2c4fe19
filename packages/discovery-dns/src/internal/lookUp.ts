import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import {
  type ConfigurationUnreadable,
  NameInvalid,
  NoAnswer,
  ResolveError,
  type ResolveReason
} from "../ResolveError.ts"
import type { Answer, RecordType } from "../Resolver.ts"
import { askServers, type Progress, type Standing } from "./attempts.ts"
import { follow, type Known } from "./follow.ts"
import { candidates, refuseName } from "./names.ts"
import type { Configuration } from "./resolvConf.ts"

/** A name to look up, and with what. */
export interface LookUp {
  readonly name: string
  readonly types: ReadonlyArray<RecordType>
  readonly configuration: Effect.Effect<Configuration, ConfigurationUnreadable>
  readonly standing: Standing
  readonly timeout: Duration.Duration
}

type Answers = ReadonlyArray<Answer>

/**
 * Asks for all types under each name that the given one can mean. The first name that has records counts. Without one the
 * last answer counts, or the first failure if there was any: what failed may have had records.
 */
export const lookUp = Effect.fnUntraced(function* (given: LookUp): Effect.fn.Return<Answers, ResolveError> {
  const { name, types } = given
  const refusal = refuseName(name)
  if (refusal !== undefined) {
    const reason = new NameInvalid({ detail: `${JSON.stringify(name.slice(0, 300))} cannot be asked: ${refusal}` })
    return yield* new ResolveError({ name: name.slice(0, 300), type: types.join(", "), reason })
  }
  let failure: ResolveError | undefined
  let nothing: Answers | undefined
  const progress: { now: ReadonlyArray<Asked> } = { now: [] }
  const names = Effect.gen(function* () {
    const configuration = yield* Effect.mapError(given.configuration, (reason) => errorOf(name, types, reason))
    const { ndots, search } = configuration
    for (const candidate of candidates(name, search, ndots)) {
      progress.now = types.map((type) => ({ name: candidate, type, waiting: new Map(), ignored: 0 }))
      const results = yield* askAll(progress.now, configuration, given.standing)
      const answers = results.flatMap((result) => (Result.isSuccess(result) ? [result.success] : []))
      const failed = results.find(Result.isFailure)?.failure
      const isThere = answers.some(({ outcome }) => outcome === "Found")
      // What else that name has nobody knows, and another name's records do not stand for it.
      if (isThere) return yield* failed ?? Effect.succeed(answers)
      if (failed !== undefined) failure ??= failed
      else if (nothing?.some(({ outcome }) => outcome === "NoData") !== true) nothing = answers
    }
    return yield* failure ?? Effect.succeed(nothing ?? [])
  })
  const late = Effect.suspend(() => Effect.fail(tooLate(progress.now, Duration.toMillis(given.timeout), name)))
  return yield* Effect.timeoutOrElse(names, { duration: given.timeout, orElse: () => late })
})

interface Asked extends Progress {
  readonly name: string
  readonly type: RecordType
}

const askAll = (all: ReadonlyArray<Asked>, configuration: Configuration, standing: Standing) =>
  Effect.forEach(
    all,
    (asked) =>
      follow(asked, (question) => askServers(configuration, standing, question, asked)).pipe(
        Effect.map((known) => answerOf(asked, known)),
        Effect.mapError((reason) => errorOf(asked.name, [asked.type], reason)),
        Effect.result
      ),
    { concurrency: "unbounded" }
  )

const errorOf = (name: string, types: ReadonlyArray<RecordType>, reason: ResolveReason): ResolveError =>
  new ResolveError({ name, type: types.join(", "), reason })

const tooLate = (asked: ReadonlyArray<Asked>, millis: number, name: string): ResolveError => {
  const open = asked.filter(({ waiting }) => waiting.size > 0)
  const servers = new Set(
    open.flatMap(({ waiting }) =>
      Array.from(waiting, ([server, over]) => (over === "udp" ? server : `${server} over TCP`))
    )
  )
  const ignored = open.reduce((sum, each) => sum + each.ignored, 0)
  const types = (open.length === 0 ? asked : open).map(({ type }) => type)
  return errorOf(
    open[0]?.name ?? name,
    types,
    new NoAnswer({ servers: [...servers], millis: Math.round(millis), ignored })
  )
}

const answerOf = ({ name, type }: Asked, known: Known): Answer => ({
  type,
  outcome: known.records.length > 0 ? "Found" : known.exists ? "NoData" : "NoName",
  asked: name,
  name: known.name,
  records: known.records.map(({ data }) => data),
  additional: known.additionals.flatMap((record) =>
    record.type === "A" || record.type === "AAAA"
      ? [{ name: record.name, type: record.type, address: record.data, ttl: record.ttl }]
      : []
  ),
  ttl: known.ttl,
  server: known.server
})
