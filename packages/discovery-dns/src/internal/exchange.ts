import { Entropy } from "@gc/core/Entropy"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import { AnswerTruncated, type ResolveReason, ServerFailure, ServerUnreachable } from "../ResolveError.ts"
import { type Question, rcodes, rcodeText, type Reply } from "./message.ts"
import { countIgnored, countQuery, countTruncated } from "./metrics.ts"
import { formatServer, type Server } from "./servers.ts"
import { askTcp } from "./tcp.ts"
import { askUdp } from "./udp.ts"

/** The answer of a server that knows: there are records, there are none (NODATA), or there is no such name (NXDOMAIN). */
export interface Answered {
  readonly server: string
  readonly reply: Reply
}

const randomId = Effect.map(Entropy, ({ bytes }) => {
  const [high = 0, low = 0] = bytes(2)
  return high * 256 + low
})

/** Asks one server until it answers: without EDNS when it knows none, over TCP when the answer did not fit in a datagram. */
export const askServer = Effect.fnUntraced(function* (
  server: Server,
  question: Question,
  edns: boolean,
  { onIgnored, onTcp }: { readonly onIgnored: () => void; readonly onTcp: () => void }
): Effect.fn.Return<Answered, ResolveReason> {
  const context = yield* Effect.context()
  const name = formatServer(server)

  const overUdp = Effect.fnUntraced(function* (withEdns: boolean) {
    const id = yield* randomId
    const heard = (reason: "malformed" | "id" | "question"): void => {
      countIgnored(context, name, reason)
      onIgnored()
    }
    const asked = askUdp({ server, question, id, edns: withEdns, onIgnored: heard }).pipe(
      Effect.mapError((code) => new ServerUnreachable({ server: name, code }))
    )
    return yield* counted(asked, name, "udp")
  })

  const overTcp = Effect.fnUntraced(function* (withEdns: boolean) {
    countTruncated(context, name)
    onTcp()
    const asked = askTcp(server, yield* randomId, question, withEdns).pipe(
      Effect.mapError((detail) => new AnswerTruncated({ server: name, detail }))
    )
    return yield* counted(asked, name, "tcp")
  })

  const first = yield* overUdp(edns)
  const plain = edns && noEdns.has(first.rcode)
  const datagram = plain ? yield* overUdp(false) : first
  const reply = datagram.truncated ? yield* overTcp(edns && !plain) : datagram
  if (reply.rcode === rcodes.NOERROR && reply.referral) {
    return yield* new ServerFailure({ server: name, rcode: "REFERRAL" })
  }
  if (reply.rcode === rcodes.NOERROR || reply.rcode === rcodes.NXDOMAIN) return { server: name, reply }
  return yield* new ServerFailure({ server: name, rcode: rcodeText(reply.rcode) })
})

/** What servers say that do not know EDNS (RFC 6891 section 7). */
const noEdns: ReadonlySet<number> = new Set([rcodes.FORMERR, rcodes.NOTIMP, rcodes.BADVERS])

const counted = <E>(asked: Effect.Effect<Reply, E>, server: string, transport: "udp" | "tcp") =>
  Effect.flatMap(Effect.context(), (context) =>
    asked.pipe(
      Effect.tap((reply) =>
        Effect.sync(() => countQuery(context, { server, transport, outcome: rcodeText(reply.rcode) }))
      ),
      Effect.onError((cause) =>
        Effect.sync(() => {
          const outcome = Cause.hasInterruptsOnly(cause) ? "unanswered" : "failed"
          countQuery(context, { server, transport, outcome })
        })
      )
    )
  )
