import * as Cluster from "@gc/core/Cluster"
import * as Configuration from "@gc/core/Configuration"
import * as Discovery from "@gc/core/Discovery"
import type { LocalNode } from "@gc/core/LocalNode"
import type { Plugins } from "@gc/core/Plugin"
import { Transport } from "@gc/core/Transport"
import * as Dns from "@gc/discovery-dns"
import * as Epmd from "@gc/discovery-epmd"
import * as Gossip from "@gc/discovery-gossip"
import * as Static from "@gc/discovery-static"
import * as Tcp from "@gc/transport-tcp"
import * as Ws from "@gc/transport-ws"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as References from "effect/References"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import * as net from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert } from "vitest"
import { examine } from "../../src/internal/doctor/examine.ts"
import type { Finding } from "../../src/internal/doctor/finding.ts"

const cookie = `hex:${"5a".repeat(32)}`
export const otherCookie = `hex:${"6b".repeat(32)}`

const plugins: Plugins = {
  discovery: [Static.plugin, Dns.plugin, Gossip.plugin, Epmd.plugin],
  transport: [Tcp.plugin, Ws.plugin],
  resolver: [Epmd.resolverPlugin]
}

/** Runs a test, quietly: what nodes log of a broken set-up is not looked at here. */
export const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>): Promise<A> =>
  Effect.runPromise(Effect.provideService(Effect.scoped(effect), References.MinimumLogLevel, "None"))

/** A folder for as long as the scope is open. */
export const folder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "gcluster-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

/** A port that was free a moment ago. */
export const freePort: Effect.Effect<number> = Effect.callback((resume) => {
  const server = net.createServer()
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address() as net.AddressInfo
    server.close(() => resume(Effect.succeed(port)))
  })
})

/** A real node on loopback that looks for nobody, in this process. */
export const node = (name: string, options: Partial<Cluster.Options> = {}, tcp: Tcp.Options = {}) => {
  const secret = options.security === "mtls" ? {} : { cookie }
  return Cluster.make({ cluster: "orders", node: name, detector: "test", ...secret, ...options }).pipe(
    Effect.provideService(Discovery.Discovery, Discovery.empty),
    Effect.provideService(Transport, Tcp.make({ host: "127.0.0.1", port: 0, ...tcp }))
  )
}

export const portOf = ({ self }: { readonly self: LocalNode }): number => self.addresses[0]?.port ?? 0

/** An entry of a list of nodes. */
export const at = (cluster: { readonly self: LocalNode }): string => `tcp://127.0.0.1:${portOf(cluster)}`

/** The configuration that a file describes; what it does not say is a node `a` on loopback, at any port. */
const configured = Effect.fnUntraced(function* (file: object) {
  const path = join(yield* folder, "gc.json")
  const usual = {
    cluster: "orders",
    node: "a@127.0.0.1",
    ...(!("cookieFile" in file) && !("security" in file && file.security === "mtls") && { cookie }),
    transport: { tcp: { host: "127.0.0.1", port: 0 } }
  }
  writeFileSync(path, JSON.stringify({ ...usual, ...file }), { mode: 0o600 })
  return Option.getOrThrow(yield* Configuration.read(path, plugins))
})

/** Everything that doctor says of a file. */
export const examined = Effect.fnUntraced(function* (file: object, listenFor = Duration.millis(1_500)) {
  const findings: Array<Finding> = []
  const summary = yield* examine(yield* configured(file), {
    tell: (finding) => Effect.sync(() => void findings.push(finding)),
    progress: () => Effect.void,
    listenFor
  })
  return { findings, summary }
})

export type Examined = Effect.Success<ReturnType<typeof examined>>

/** The set-up is well: nothing failed, and these steps were taken. */
export const isWell = ({ findings, summary }: Examined, ...steps: ReadonlyArray<Finding["step"]>): void => {
  assert.deepStrictEqual(
    findings.filter(({ status }) => status === "failed"),
    []
  )
  assert.isTrue(summary.ok)
  for (const step of steps) {
    assert.isTrue(
      findings.some((each) => each.step === step && each.status === "ok"),
      `${step} is not well: ${JSON.stringify(findings)}`
    )
  }
}

/** One thing is wrong, and doctor names it: the step, the word for it, and what to do. */
export const namesProblem = (
  { findings, summary }: Examined,
  step: Finding["step"],
  reason: string,
  remedy: RegExp
): Finding => {
  const problems = findings.filter(({ status }) => status === "failed")
  const found = problems.find((each) => each.step === step && each.reason === reason)
  assert.isDefined(found, JSON.stringify(problems, null, 1))
  assert.match(found?.remedy ?? "", remedy)
  assert.isFalse(summary.ok)
  assert.strictEqual(summary.counts.failed, problems.length)
  return found!
}

/** Nothing else is wrong than this one step. */
export const onlyIn = ({ findings }: Examined, step: Finding["step"]): void => {
  const others = findings.filter((each) => each.status === "failed" && each.step !== step)
  assert.deepStrictEqual(others, [])
}

/** What a node has seen: doctor, and whoever looks from outside, adds nothing to it. */
export const seenBy = ({ events, members }: Cluster.Service) =>
  Effect.gen(function* () {
    const seen: Array<string> = []
    yield* Stream.runForEach(events, ({ _tag, member }) =>
      Effect.sync(() => void seen.push(`${_tag} ${member.name}`))
    ).pipe(Effect.forkScoped)
    return Effect.map(members, (present) => ({
      members: present.map(({ name, state }) => `${name} ${state}`),
      events: [...seen]
    }))
  })
