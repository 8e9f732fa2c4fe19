import * as Address from "@gc/core/Address"
import * as Peer from "@gc/core/Peer"
import { discoverySuite } from "@gc/testkit/suites"
import * as Effect from "effect/Effect"
import { once } from "node:events"
import { createServer } from "node:http"
import { layer } from "../src/index.ts"

const peerAt = (port: number) => Peer.fromAddress(Address.make("tcp", "127.0.0.1", port))
const peers = [peerAt(5_001), peerAt(5_002), peerAt(5_003)] as const
const listOf = (listed: ReadonlyArray<Peer.Peer>) => JSON.stringify(listed.map(Peer.format))

/** What the source looks at: here a web server, made anew for each test, that the suite can change and break. */
const world = Effect.gen(function* () {
  let answer: { readonly status: number; readonly body: string } = { status: 200, body: listOf(peers) }
  const server = createServer((_, response) => {
    response.writeHead(answer.status).end(answer.body)
  })
  yield* Effect.acquireRelease(
    Effect.promise(() => once(server.listen(0, "127.0.0.1"), "listening")),
    () => Effect.sync(() => server.close().closeAllConnections())
  )
  const place = server.address()
  const port = typeof place === "object" && place !== null ? place.port : 0
  return {
    layer: layer({ url: `http://127.0.0.1:${port}` }),
    set: (next: ReadonlyArray<Peer.Peer>) =>
      Effect.sync(() => {
        answer = { status: 200, body: listOf(next) }
      }),
    fail: Effect.sync(() => {
      answer = { status: 503, body: "" }
    })
  }
})

discoverySuite("gc-discovery-example", world, {
  peers,
  ends: false,
  changes: true,
  fails: true,
  announces: false,
  polls: true
})
