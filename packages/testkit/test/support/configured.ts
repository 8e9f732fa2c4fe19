import * as Address from "@gc/core/Address"
import * as Cluster from "@gc/core/Cluster"
import type { ConfigurationError } from "@gc/core/ConfigurationError"
import * as Discovery from "@gc/core/Discovery"
import * as NodeName from "@gc/core/NodeName"
import * as Peer from "@gc/core/Peer"
import * as Plugin from "@gc/core/Plugin"
import * as Setting from "@gc/core/Setting"
import { type SecurityMode, Transport } from "@gc/core/Transport"
import { SimulatedNetwork } from "@gc/testkit"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { addressOf } from "./world.ts"

/** No passphrase: its derivation is real work that no test clock waits for. */
export const cookie = `hex:${"0123456789abcdef".repeat(4)}`

type Failure = Cluster.ClusterError | Discovery.DiscoveryError | ConfigurationError

/** Nodes that are started from files, on a simulated network. */
export const makeMachine = Effect.fnUntraced(function* () {
  const happened: Array<string> = []
  const modes: Array<string> = []
  const lines: Array<string> = []
  let looks = 0
  const network = yield* SimulatedNetwork.make({
    latency: "1 millis",
    onEvent: ({ event, to }) => happened.push(`${event} ${to}`)
  })
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "gc-machine-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
  )
  const recorded = (host: string, transport: Transport["Service"]): Transport["Service"] => {
    const note = (verb: string, mode: SecurityMode) => modes.push(`${host} ${verb} ${mode}`)
    return {
      name: transport.name,
      protocols: transport.protocols,
      listen: (security) => Effect.suspend(() => (note("listens", security.mode), transport.listen(security))),
      dial: (to, security) => Effect.suspend(() => (note("dials", security.mode), transport.dial(to, security)))
    }
  }
  const memory = Plugin.transport({
    key: "memory",
    schema: Schema.Struct({
      host: Setting.text({ description: "The host of the simulated network." }),
      port: Schema.optionalKey(Setting.port({ description: "Its port.", default: 4370 }))
    }),
    layer: ({ host, port = 4370 }) => Layer.sync(Transport, () => recorded(host, network.transport(host, { port })))
  })
  /** A third party's source: it finds the hosts that its entry lists, each time anew. */
  const phonebook = Plugin.discovery({
    key: "phonebook",
    schema: Schema.Struct({ hosts: Setting.list(Setting.text({ description: "A host." }), { description: "Hosts." }) }),
    layer: ({ hosts }, boot) =>
      hosts.includes("broken")
        ? Layer.effect(
            Discovery.Discovery,
            Effect.fail(
              new Discovery.DiscoveryError({
                source: boot.path,
                reason: new Discovery.SourceBroken({ detail: "the book is torn" })
              })
            )
          )
        : Layer.succeed(
            Discovery.Discovery,
            Discovery.poll({
              name: "phonebook",
              lookup: () =>
                Effect.sync(() => {
                  looks++
                  return hosts.map((host) =>
                    host.includes("@") ? Peer.fromName(NodeName.make(host)) : Peer.fromAddress(addressOf(host))
                  )
                })
            })
          )
  })
  const plugins: Plugin.Plugins = { discovery: [phonebook], transport: [memory] }
  const log = Logger.layer([Logger.make(({ logLevel, message }) => void lines.push(`${logLevel} ${String(message)}`))])

  const write = (name: string, content: unknown): string => {
    const path = join(folder, name)
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content), { mode: 0o600 })
    return path
  }

  const boot = Effect.fnUntraced(function* (
    layer: Layer.Layer<Cluster.Cluster, Failure>,
    env: Readonly<Record<string, string>> = {}
  ) {
    const scope = yield* Scope.fork(yield* Effect.scope)
    const provider = ConfigProvider.layer(ConfigProvider.fromEnv({ env }))
    const context = yield* Layer.buildWithScope(Layer.provide(layer, [provider, log]), scope)
    return { cluster: Context.get(context, Cluster.Cluster), stop: Scope.close(scope, Exit.void) }
  })

  return {
    network,
    folder,
    plugins,
    memory,
    happened,
    modes,
    lines,
    looks: () => looks,
    write,
    boot,
    start: (content: unknown, given: Plugin.Plugins = plugins) =>
      boot(Cluster.layerFile(write("gc.json", content), given))
  }
})

export const basenames = (cluster: Cluster.Service) =>
  Effect.map(cluster.members, (members) => members.map(({ name }) => NodeName.basename(name)).join())

export const see = (nodes: ReadonlyArray<{ readonly cluster: Cluster.Service }>, wanted: string) =>
  Effect.map(
    Effect.forEach(nodes, ({ cluster }) => basenames(cluster)),
    (views) => views.every((view) => view.split(",").toSorted().join() === wanted)
  )

export const peerAt = (host: string) => Peer.fromAddress(Address.make("memory", host, 4370))
