/**
 * A node on a path of an application's own HTTP server: one port for both. TLS is left to a proxy in front of it, so that the
 * streams are plain here, which the cluster has to say aloud wherever the server listens beyond loopback.
 *
 *     node apps/examples/src/ws-mounted.ts a                                  # prints where it listens
 *     node apps/examples/src/ws-mounted.ts b ws://127.0.0.1:41234/cluster     # in another terminal
 *     curl http://127.0.0.1:41234/                                            # who is in
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Address from "@gc/core/Address"
import * as Cluster from "@gc/core/Cluster"
import { Transport } from "@gc/core/Transport"
import * as Static from "@gc/discovery-static"
import * as Ws from "@gc/transport-ws"
import * as Effect from "effect/Effect"
import * as http from "node:http"

const [name = "a", ...seeds] = process.argv.slice(2)

/** The server listens before the cluster starts, and is closed after it has left. */
const serve = (answer: () => string) =>
  Effect.acquireRelease(
    Effect.callback<http.Server>((resume) => {
      const server = http.createServer((_request, response) => response.end(answer()))
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.sync(() => server.close())
  )

const program = Effect.gen(function* () {
  let members = "nobody yet"
  const server = yield* serve(() => `${members}\n`)
  const cluster = yield* Cluster.make({
    cluster: "examples",
    node: `${name}@127.0.0.1`,
    cookie: process.env["GC_COOKIE"],
    security: "plain"
  }).pipe(Effect.provideService(Transport, Ws.make({ server, path: "/cluster" })))
  process.stdout.write(`listening on ${cluster.self.addresses.map(Address.format).join(" ")}\n`)
  yield* cluster.awaitMembers(2)
  members = (yield* cluster.members).map((member) => member.name).join(" ")
  process.stdout.write(`members: ${members}\n`)
  return yield* Effect.never
})

program.pipe(Effect.scoped, Effect.provide(Static.layer(seeds)), NodeRuntime.runMain)
