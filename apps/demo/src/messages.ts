/**
 * What the demo and its nodes tell each other, line by line: a configuration as JSON and then orders, one word each, on a
 * node's stdin; reports as JSON on its stdout.
 */
import * as Schema from "effect/Schema"

/** All that a node is told about itself and the others: the first line on its stdin. */
export const Configuration = Schema.Struct({
  name: Schema.String,
  cluster: Schema.String,
  cookie: Schema.String,
  peers: Schema.Array(Schema.String)
})

/** All that a node is told about itself and the others. */
export type Configuration = typeof Configuration.Type

/**
 * What a node is told to do: `chat` says hello to everybody, `last-words` answers at once because a SIGKILL comes next,
 * `leave` leaves and ends.
 */
export const Order = Schema.Literals(["chat", "last-words", "leave"])

/** What a node is told to do. */
export type Order = typeof Order.Type

const life = { node: Schema.String, instance: Schema.String, at: Schema.Finite }
const sight = { ...life, peer: Schema.String, peerInstance: Schema.String }

/** One thing that a node did or saw. `at` is in milliseconds since 1970, `instance` is the node's own life. */
export const Report = Schema.Union([
  Schema.Struct({ event: Schema.tag("listening"), ...life, pid: Schema.Finite, address: Schema.String }),
  Schema.Struct({
    event: Schema.Literals([
      "up",
      "updated",
      "suspected",
      "recovered",
      "unreachable",
      "reachable",
      "left",
      "removed",
      "conflict"
    ]),
    ...sight
  }),
  Schema.Struct({ event: Schema.tag("down"), ...sight, reason: Schema.String }),
  Schema.Struct({ event: Schema.tag("said"), ...life, text: Schema.String }),
  Schema.Struct({ event: Schema.tag("heard"), ...life, peer: Schema.String, text: Schema.String }),
  Schema.Struct({ event: Schema.Literals(["last-words", "leaving"]), ...life }),
  Schema.Struct({ event: Schema.tag("failed"), ...life, message: Schema.String }),
  Schema.Struct({ event: Schema.tag("log"), ...life, level: Schema.String, message: Schema.String })
])

/** One thing that a node did or saw. */
export type Report = typeof Report.Type

/** `n1` of `n1@127.0.0.1`. */
export const short = (node: string): string => node.split("@", 1)[0] ?? node
