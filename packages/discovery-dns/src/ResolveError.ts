/**
 * What can go wrong in a resolver. Re-exported by `Resolver`.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * A server answered with an error: `rcode` is its name, such as `SERVFAIL`; or with other servers' names in place of an
 * answer: `REFERRAL`.
 *
 * @category errors
 * @since 0.1.0
 */
export class ServerFailure extends Schema.TaggedError<ServerFailure>("@gc/discovery-dns/ServerFailure")(
  "ServerFailure",
  { server: Schema.String, rcode: Schema.String }
) {
  override get message(): string {
    return `${this.rcode} from ${this.server}: ${remedies[this.rcode] ?? "see the server's log"}`
  }
}

const remedies: Readonly<Record<string, string>> = {
  SERVFAIL: "the server could not find out; see its log, and whether it reaches the servers of that zone",
  REFUSED: "the server does not serve that name, or not this client; name a server that does",
  FORMERR: "the server did not understand the question, not even in its oldest form",
  REFERRAL: "the server only names those of a part of its zone; name one that resolves for its clients",
  NOTIMP: "the server does not serve such questions; name another server"
}

/** A server could not be spoken to: nothing listens there, no route. @category errors @since 0.1.0 */
export class ServerUnreachable extends Schema.TaggedError<ServerUnreachable>("@gc/discovery-dns/ServerUnreachable")(
  "ServerUnreachable",
  { server: Schema.String, code: Schema.String }
) {
  override get message(): string {
    return `${this.server} is not reachable (${this.code}): is a name server running there?`
  }
}

/**
 * An answer did not fit in a datagram, and over TCP there was none: part of the records is worse than none of them.
 *
 * @category errors
 * @since 0.1.0
 */
export class AnswerTruncated extends Schema.TaggedError<AnswerTruncated>("@gc/discovery-dns/AnswerTruncated")(
  "AnswerTruncated",
  { server: Schema.String, detail: Schema.String }
) {
  override get message(): string {
    return `${this.server} has more records than fit in a datagram, and over TCP ${this.detail}: let TCP through to it`
  }
}

/** No server answered in time; `ignored` datagrams were no answers to the question. @category errors @since 0.1.0 */
export class NoAnswer extends Schema.TaggedError<NoAnswer>("@gc/discovery-dns/NoAnswer")("NoAnswer", {
  servers: Schema.Array(Schema.String),
  millis: Schema.Finite,
  ignored: Schema.Int
}) {
  override get message(): string {
    const wrong = this.ignored === 0 ? "" : ` (${this.ignored} datagrams were no answer to the question)`
    const servers = this.servers.length === 0 ? "any server" : this.servers.join(", ")
    return `no answer from ${servers} within ${this.millis} ms${wrong}: is it the right server, and do UDP and TCP get through?`
  }
}

/** The aliases of a name lead in a circle, or are too many: at most 16 are followed. @category errors @since 0.1.0 */
export class AliasesEndless extends Schema.TaggedError<AliasesEndless>("@gc/discovery-dns/AliasesEndless")(
  "AliasesEndless",
  { server: Schema.String, alias: Schema.String }
) {
  override get message(): string {
    return `the aliases (CNAME) lead in a circle or are more than 16, at ${this.alias} from ${this.server}: mend the zone`
  }
}

/** The name cannot be asked. @category errors @since 0.1.0 */
export class NameInvalid extends Schema.TaggedError<NameInvalid>("@gc/discovery-dns/NameInvalid")("NameInvalid", {
  detail: Schema.String
}) {
  override get message(): string {
    return this.detail
  }
}

/** The configuration of the system could not be read. @category errors @since 0.1.0 */
export class ConfigurationUnreadable extends Schema.TaggedError<ConfigurationUnreadable>(
  "@gc/discovery-dns/ConfigurationUnreadable"
)("ConfigurationUnreadable", { path: Schema.String, code: Schema.String }) {
  override get message(): string {
    return `${this.path} could not be read (${this.code}): give the servers in the option "servers"`
  }
}

/** Every reason of a `ResolveError`. @category errors @since 0.1.0 */
export const ResolveReason = Schema.Union([
  ServerFailure,
  ServerUnreachable,
  AnswerTruncated,
  NoAnswer,
  AliasesEndless,
  NameInvalid,
  ConfigurationUnreadable
])

/** Every reason of a `ResolveError`. @category errors @since 0.1.0 */
export type ResolveReason = typeof ResolveReason.Type

/**
 * The one error of a resolver: what was asked, and why there is no answer. That a name does not exist is an answer. `searched`
 * is the name as it was given, when it was looked for in search domains.
 *
 * @category errors
 * @since 0.1.0
 */
export class ResolveError extends Schema.TaggedError<ResolveError>("@gc/discovery-dns/ResolveError")("ResolveError", {
  name: Schema.String,
  type: Schema.String,
  reason: ResolveReason,
  searched: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    const text = `${this.type} of ${this.name}: ${this.reason.message}`
    if (this.searched === undefined) return text
    return `${text} (${this.searched} is looked for in the search domains; with a dot at its end it is asked for as it stands)`
  }
}

/** An option that is wrong: which, and what is expected. @category errors @since 0.1.0 */
export class OptionsInvalid extends Schema.TaggedError<OptionsInvalid>("@gc/discovery-dns/OptionsInvalid")(
  "OptionsInvalid",
  { option: Schema.String, expected: Schema.String }
) {
  override get message(): string {
    return `option "${this.option}": expected ${this.expected}`
  }
}
