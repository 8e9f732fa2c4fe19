/**
 * Two clusters in one program, each under a key of its own. They have their own names, cookies and ports, and never meet.
 *
 *     node apps/examples/src/two-clusters.ts
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Channel from "@gc/core/Channel"
import * as Cluster from "@gc/core/Cluster"
import * as Static from "@gc/discovery-static"
import * as Tcp from "@gc/transport-tcp"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"

class Orders extends Context.Service<Orders, Cluster.Service>()("examples/Orders") {}

class Billing extends Context.Service<Billing, Cluster.Service>()("examples/Billing") {}

// One value serves both: a transport and a source hold nothing of a cluster.
const Network = Layer.mergeAll(Static.layer([]), Tcp.layer({ host: "127.0.0.1", port: 0 }))

const OrdersLive = Layer.effect(
  Orders,
  Cluster.make({ cluster: "orders", node: "both@127.0.0.1", cookie: process.env["ORDERS_COOKIE"] })
).pipe(Layer.provide(Network))

const BillingLive = Layer.effect(
  Billing,
  Cluster.make({ cluster: "billing", node: "both@127.0.0.1", cookie: process.env["BILLING_COOKIE"] })
).pipe(Layer.provide(Network))

const describe = (cluster: Cluster.Service) =>
  Effect.map(
    cluster.members,
    (members) => `${cluster.self.cluster}: ${members.map((member) => member.name).join(", ")}\n`
  )

const program = Effect.gen(function* () {
  const orders = yield* Orders
  const billing = yield* Billing

  // A channel belongs to the cluster that it is made with.
  const invoices = yield* Channel.make("invoices", Schema.Struct({ order: Schema.Int })).pipe(
    Effect.provideService(Cluster.Cluster, billing)
  )
  yield* invoices.broadcast({ order: 1 })

  process.stdout.write((yield* describe(orders)) + (yield* describe(billing)))
})

program.pipe(Effect.scoped, Effect.provide([OrdersLive, BillingLive]), NodeRuntime.runMain)
