/**
 * What `gcluster try` does once its node is in: it tells who is there, and what is typed goes to everybody.
 */
import * as Channel from "@gc/core/Channel"
import { Cluster, type Service } from "@gc/core/Cluster"
import type { ClusterEvent } from "@gc/core/ClusterEvent"
import type { Member } from "@gc/core/Member"
import * as NodeName from "@gc/core/NodeName"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { recordOf } from "../events.ts"
import { note, paint, print, printable, printJson } from "../output.ts"
import { stdinLines } from "./lines.ts"

const Said = Schema.Struct({ text: Schema.String })

const gone: Readonly<Record<string, string>> = {
  closed: "it ended without a word",
  timeout: "nobody has heard of it for 6 seconds",
  restarted: "it was started anew",
  disconnected: "it was disconnected"
}

const told = (event: ClusterEvent): string | undefined => {
  const name = paint.bold(event.member.name)
  switch (event._tag) {
    case "Up":
      return event.member.self ? undefined : `${paint.green("+")} ${name} is here`
    case "Left":
      return event.member.self ? undefined : `${paint.blue("-")} ${name} has left`
    case "Down":
      return `${paint.red("-")} ${name} is down: ${gone[event.reason]}`
    case "Suspected":
      return `${paint.yellow("?")} ${name} is silent`
    case "Recovered":
      return `${paint.green("+")} ${name} is back`
    case "NameConflict":
      return `${paint.red("!")} two nodes carry the name ${name}: end one of them and start it with another name, "gcluster try NAME"`
    default:
      return undefined
  }
}

const watch = (cluster: Service, json: boolean) =>
  Stream.runForEach(cluster.events, (event) => {
    if (json) return printJson(recordOf(event))
    const line = told(event)
    return line === undefined ? Effect.void : print(line)
  })

const others = (cluster: Service): Effect.Effect<ReadonlyArray<Member>> =>
  Effect.map(cluster.members, (members) => members.filter(({ self }) => !self))

const listen = (cluster: Service, chat: Channel.Channel<typeof Said.Type>, json: boolean) =>
  Stream.runForEach(chat.messages, ({ from, message }) => {
    if (!json) return print(`${paint.cyan(`${NodeName.basename(from)}>`)} ${printable(message.text)}`)
    return Effect.flatMap(cluster.members, (members) =>
      printJson({
        event: "message",
        node: from,
        instance: members.find(({ name }) => name === from)?.instance ?? "",
        at: new Date().toISOString(),
        text: message.text
      })
    )
  })

/** Somebody who types sees that nobody is there; what comes from a pipe waits for somebody. */
const speak = Effect.fnUntraced(function* (cluster: Service, chat: Channel.Channel<typeof Said.Type>, text: string) {
  if (process.stdin.isTTY && (yield* others(cluster)).length === 0) {
    return yield* note("(nobody else is here yet)")
  }
  yield* Effect.ignore(cluster.awaitMembers(2, { timeout: "Infinity" }))
  yield* chat.broadcast({ text })
})

/** Runs until stdin ends. */
export const converse = (cluster: Service, json: boolean) =>
  Effect.gen(function* () {
    const chat = yield* Channel.make("gcluster-try", Said)
    yield* Effect.raceFirst(
      Stream.runForEach(stdinLines, (line) => speak(cluster, chat, line)),
      Effect.all([watch(cluster, json), listen(cluster, chat, json)], { concurrency: "unbounded", discard: true })
    )
  }).pipe(Effect.scoped, Effect.provideService(Cluster, cluster))
