/**
 * `gcluster try`: a node of the cluster `dev` on this machine, found by epmd.
 */
import * as Address from "@gc/core/Address"
import type { Service } from "@gc/core/Cluster"
import * as Configuration from "@gc/core/Configuration"
import * as NodeName from "@gc/core/NodeName"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { type CliFailure, failure } from "../failure.ts"
import { recordOfStart } from "../events.ts"
import { note, paint, print, printJson } from "../output.ts"
import { importPackage, loadNamed } from "../plugins.ts"
import { runNode, type Step, tellRecord } from "../run.ts"
import { converse } from "./chat.ts"
import { type EpmdPackage, freeName, isRegistered, type Names, takenNames } from "./names.ts"

/** Another program took the name in the moment between the question and the registration. */
class NameTaken {
  readonly _tag = "NameTaken"
}

/** Where this program was started from is what to type in the second terminal. */
const program = (): string => {
  const { npm_command: command, npm_lifecycle_event: script } = process.env
  if (script === "gcluster") return "npm run gcluster --"
  return command === "exec" ? "npx gcluster" : "gcluster"
}

/** The node as variables would describe it; a cookie of the environment is taken. */
const describe = (name: string): Readonly<Record<string, string>> => {
  const { GC_COOKIE: cookie, GC_COOKIE_FILE: cookieFile } = process.env
  return {
    GC_CLUSTER: "dev",
    GC_NODE_NAME: `${name}@127.0.0.1`,
    GC_TRANSPORT_TCP: '{ "host": "127.0.0.1", "port": 0 }',
    GC_DISCOVERY_EPMD: "{}",
    ...(cookie && { GC_COOKIE: cookie }),
    ...(cookieFile && { GC_COOKIE_FILE: cookieFile })
  }
}

const taken = (name: string): CliFailure =>
  failure(
    "failed",
    `the name ${name} is taken on this machine: another node, of gc or of Erlang, is registered by it. Give this one another name: ${program()} try NAME`
  )

const announce = (cluster: Service, json: boolean): Effect.Effect<void> => {
  const { addresses, cluster: dev, name } = cluster.self
  if (json) return printJson(recordOfStart(cluster.self))
  return Effect.andThen(
    print(`${paint.bold(name)} is in the cluster "${dev}", at ${addresses.map(Address.format).join(" ")}`),
    note(`In a second terminal: ${program()} try\nWhat you type in one appears in the other. Ctrl-C or Ctrl-D leaves.`)
  )
}

const farewell = (step: Step, name: string): Effect.Effect<void> =>
  step === "left" ? print(`${paint.bold(name)} has left`) : Effect.void

/** Runs a node of this name, or of the first free one, until stdin ends or the program is asked to end. */
export const runTry = Effect.fnUntraced(function* (
  wanted: Option.Option<string>,
  json: boolean
): Effect.fn.Return<void, CliFailure> {
  const places = { file: process.cwd(), working: process.cwd() }
  const plugins = yield* loadNamed({ discovery: [{ key: "epmd" }], transport: [{ key: "tcp" }], resolver: [] }, places)
  const epmd = (yield* importPackage("@gc/discovery-epmd", places)) as unknown as EpmdPackage
  const port = Number(process.env["ERL_EPMD_PORT"] || epmd.Client.defaultPort)
  const names: Names = Effect.suspend(() => epmd.Client.names("127.0.0.1", { port }))

  const run = (name: string) =>
    Effect.gen(function* () {
      const provider = ConfigProvider.fromEnv({ env: { ...describe(name) } })
      const configuration = yield* Configuration.read(undefined, plugins).pipe(
        Effect.provideService(ConfigProvider.ConfigProvider, provider),
        Effect.flatMap(Effect.fromOption),
        Effect.mapError((error) => failure("configuration", error.message))
      )
      yield* runNode<CliFailure | NameTaken>(Configuration.layer(configuration), {
        tell: (step, cluster) => {
          if (step !== "started") return json ? tellRecord(true)(step, cluster) : farewell(step, cluster.self.name)
          const bound = cluster.self.addresses[0]?.port ?? 0
          return Effect.flatMap(isRegistered(name, bound, names), (isOurs): Effect.Effect<void, NameTaken> =>
            isOurs ? announce(cluster, json) : Effect.fail(new NameTaken())
          )
        },
        work: (cluster) => Effect.mapError(converse(cluster, json), (error) => failure("failed", error.message))
      })
    })

  if (Option.isSome(wanted)) {
    const name = wanted.value
    if (Result.isFailure(NodeName.parse(`${name}@127.0.0.1`))) {
      return yield* failure(
        "usage",
        `"${name}" is no name of a node: expected letters, digits, "_" or "-", such as "a"`
      )
    }
    if ((yield* takenNames(names)).has(name)) return yield* taken(name)
    return yield* Effect.catchTag(run(name), "NameTaken", () => taken(name))
  }
  const first: Effect.Effect<void, CliFailure | NameTaken> = Effect.flatMap(takenNames(names), (all) =>
    run(freeName(all))
  )
  yield* first.pipe(
    Effect.retry({ while: (error) => error._tag === "NameTaken", times: 30 }),
    Effect.catchTag("NameTaken", () => failure("failed", `no name stayed free: ${program()} try NAME takes one`))
  )
})
