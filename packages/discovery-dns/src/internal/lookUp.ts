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
 * Asks for all types under each name that the given one can mean. The first name that has records counts, and a failure before
 * that is one of the whole: what failed may have had records, and those of a later name may be somebody else's. A refusal is one
 * only when no later name has records.
 */
export const lookUp = Effect.fnUntraced(function* (given: LookUp): Effect.fn.Return<Answers, ResolveError> {
  const { name, types } = given
  const refusal = refuseName(name)
  if (refusal !== undefined) {
    const reason = new NameInvalid({ detail: `${JSON.stringify(name.slice(0, 300))} cannot be asked: ${refusal}` })
    return yield* new ResolveError({ name: name.slice(0, 300), type: types.join(", "), reason })
  }
  let refused: ResolveError | undefined
  let nothing: Answers | undefined
  const progress: { now: ReadonlyArray<Asked> } = { now: [] }
  const names = Effect.gen(function* () {
    const configuration = yield* Effect.mapError(given.configuration, (reason) => errorOf(name, types, reason))
    const { ndots, search } = configuration
    const all = candidates(name, search, ndots)
    for (const candidate of all) {
      progress.now = types.map((type) => ({ name: candidate, type, waiting: new Map(), ignored: 0 }))
      const results = yield* askAll(progress.now, configuration, given.standing)
      const answers = results.flatMap((result) => (Result.isSuccess(result) ? [result.success] : []))
      const failures = results.flatMap((result) => (Result.isFailure(result) ? [result.failure] : []))
      const isThere = answers.some(({ outcome }) => outcome === "Found")
      const failed = isThere ? failures[0] : failures.find((each) => !isRefused(each))
      if (failed !== undefined) return yield* all.length === 1 ? failed : searchedFor(name, failed)
      if (isThere) return answers
      refused ??= failures[0]
      if (failures.length === 0 && nothing?.some(({ outcome }) => outcome === "NoData") !== true) nothing = answers
    }
    return yield* refused ?? Effect.succeed(nothing ?? [])
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

/** A server that is not there for a search domain says so about every name in it. */
const isRefused = ({ reason }: ResolveError): boolean => reason._tag === "ServerFailure" && reason.rcode === "REFUSED"

const searchedFor = (searched: string, { name, reason, type }: ResolveError): ResolveError =>
  new ResolveError({ name, type, reason, searched })

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
