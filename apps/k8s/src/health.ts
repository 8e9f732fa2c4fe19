/**
 * The node's pages: `/healthz` for Kubernetes, `/members` for a person.
 */
import type * as Cluster from "@gc/core/Cluster"
import * as Address from "@gc/core/Address"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { createServer, type ServerResponse } from "node:http"

/** Where the node stands: it is in only as a member. */
type Phase =
  | { readonly _tag: "Starting" }
  | { readonly _tag: "Member"; readonly cluster: Cluster.Service }
  | { readonly _tag: "Leaving" }

/** The pages, and the two things that change what they say. */
export interface Health {
  /** From here on the node is in. */
  readonly joined: (cluster: Cluster.Service) => void
  /** From here on it is on its way out. */
  readonly leaving: () => void
}

/** The pages cannot be served. */
export class PagesUnserved extends Schema.TaggedError<PagesUnserved>("@gc/k8s/PagesUnserved")("PagesUnserved", {
  port: Schema.Int,
  detail: Schema.String
}) {
  override get message(): string {
    return `/healthz and /members cannot be served at port ${this.port} (${this.detail}): give GC_HEALTH_PORT another one`
  }
}

/** Serves the pages at a port of all addresses for as long as the scope is open. */
export const serveHealth = (port: number): Effect.Effect<Health, PagesUnserved, Scope.Scope> => {
  let phase: Phase = { _tag: "Starting" }
  const server = createServer((request, response) => {
    if (request.method !== "GET") return answer(response, 405, { error: "only GET" })
    if (request.url === "/healthz") return answer(response, phase._tag === "Member" ? 200 : 503, { phase: phase._tag })
    if (request.url !== "/members") return answer(response, 404, { error: "there are /healthz and /members" })
    if (phase._tag !== "Member") return answer(response, 503, { phase: phase._tag })
    Effect.runPromise(membersOf(phase.cluster)).then(
      (members) => answer(response, 200, members),
      (error: unknown) => answer(response, 500, { error: String(error) })
    )
  })
  const listening = Effect.callback<Health, PagesUnserved>((resume) => {
    server.once("error", ({ message }) => resume(Effect.fail(new PagesUnserved({ port, detail: message }))))
    server.listen(port, () =>
      resume(
        Effect.succeed({
          joined: (cluster) => (phase = { _tag: "Member", cluster }),
          leaving: () => (phase = { _tag: "Leaving" })
        })
      )
    )
  })
  return Effect.acquireRelease(listening, () =>
    Effect.sync(() => {
      server.close()
      server.closeAllConnections()
    })
  )
}

const membersOf = (cluster: Cluster.Service) =>
  Effect.map(cluster.members, (members) =>
    members.map(({ addresses, name, self, state }) => ({ name, state, self, addresses: addresses.map(Address.format) }))
  )

const answer = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(`${JSON.stringify(body)}\n`)
}
