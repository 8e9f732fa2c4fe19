import * as Effect from "effect/Effect"
import { AliasesEndless, type ResolveReason } from "../ResolveError.ts"
import type { RecordType } from "../Resolver.ts"
import type { Answered } from "./exchange.ts"
import { canonical } from "./names.ts"
import { type Question, rcodes, type ResourceRecord } from "./message.ts"

/** How many aliases are followed from one name. */
const maxAliases = 16

/** What is known of one name and type. */
export interface Known {
  /** What the name is called in the end, behind its aliases. */
  readonly name: string
  readonly exists: boolean
  readonly records: ReadonlyArray<ResourceRecord>
  readonly additionals: ReadonlyArray<ResourceRecord>
  /** The smallest time to live on the way, in seconds; `undefined` without a record. */
  readonly ttl: number | undefined
  readonly server: string
}

/** Asks a question and follows aliases, in the answer and, where it leaves off, with further questions. */
export const follow = Effect.fnUntraced(function* (
  question: Question,
  ask: (question: Question) => Effect.Effect<Answered, ResolveReason>
): Effect.fn.Return<Known, ResolveReason> {
  const seen = new Set([canonical(question.name)])
  let name = canonical(question.name)
  let ttl: number | undefined
  const least = (record: ResourceRecord): void => {
    ttl = Math.min(ttl ?? record.ttl, record.ttl)
  }
  for (;;) {
    const { reply, server } = yield* ask({ name, type: question.type })
    const asked = name
    for (let alias = aliasOf(reply.answers, name); alias !== undefined; alias = aliasOf(reply.answers, name)) {
      least(alias)
      name = alias.data
      if (seen.has(name) || seen.size > maxAliases) return yield* new AliasesEndless({ server, alias: alias.name })
      seen.add(name)
    }
    const records = recordsOf(reply.answers, name, question.type)
    for (const record of records) least(record)
    const exists = reply.rcode !== rcodes.NXDOMAIN
    const complete = records.length > 0 || !exists || name === asked
    if (complete) return { name, exists, records, additionals: reply.additionals, ttl, server }
  }
})

const aliasOf = (answers: ReadonlyArray<ResourceRecord>, name: string) =>
  answers.find((record) => record.type === "CNAME" && record.name === name) as
    | Extract<ResourceRecord, { readonly data: string }>
    | undefined

const recordsOf = (answers: ReadonlyArray<ResourceRecord>, name: string, type: RecordType) =>
  answers.filter((record) => record.type === type && record.name === name)
