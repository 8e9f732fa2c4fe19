/**
 * The manifests played: processes of the program with the environment that a pod would have, at addresses of the loopback network,
 * and a DNS server in the place of the cluster's.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { variables } from "../src/settings.ts"
import { freePort } from "./support/freePort.ts"
import { makeKubeDns, resolvConf } from "./support/kubeDns.ts"
import { environmentOf, readManifest } from "./support/manifests.ts"
import { type Pod, startPod } from "./support/pod.ts"

/** A network of this process's own: 127.64.0.0/10 by its id. */
const network = `127.${64 + ((process.pid >> 8) & 63)}.${process.pid & 255}`

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "gc-k8s-"))),
  (made) => Effect.sync(() => rmSync(made, { recursive: true, force: true }))
)

/** A namespace: its DNS, and pods of a manifest. */
const makeNamespace = Effect.fnUntraced(function* (path: string, server: string) {
  const manifest = readManifest(path)
  const { name } = manifest.service.metadata
  const port = yield* freePort(server)
  const dns = yield* makeKubeDns(name, port, server)
  const made = yield* folder
  writeFileSync(join(made, "cookie"), `hex:${"0123456789abcdef".repeat(4)}`, { mode: 0o400 })
  writeFileSync(join(made, "resolv.conf"), resolvConf(server))
  const start = Effect.fnUntraced(function* (pod: string, address: string) {
    return yield* startPod({
      ...environmentOf(manifest, pod, address),
      [variables.cookieFile]: join(made, "cookie"),
      [variables.resolvConf]: join(made, "resolv.conf"),
      [variables.port]: `${port}`,
      [variables.healthPort]: `${yield* freePort("::")}`
    })
  })
  return { dns, start, name }
})

/** Everybody's pages say that exactly these are members. */
const assertMembers = Effect.fnUntraced(function* (pods: ReadonlyArray<Pod>) {
  const nodes = pods.map(({ node }) => node).toSorted()
  for (const pod of pods) {
    for (const node of nodes) yield* pod.said(`Up ${node}`)
    const { body, status } = yield* pod.page("/members")
    assert.strictEqual(status, 200)
    const members = body as ReadonlyArray<{ readonly name: string; readonly state: string; readonly self: boolean }>
    assert.deepStrictEqual(members.map((member) => member.name).toSorted(), nodes)
    assert.isTrue(members.every(({ state }) => state === "alive"))
    assert.deepStrictEqual(
      members.flatMap((member) => (member.self ? [member.name] : [])),
      [pod.node]
    )
  }
})

const words = (pod: Pod, about: string) =>
  pod.log.flatMap(({ message }) => (message.includes(` ${about}`) ? [message.split(" ")[0]] : []))

/** A pod is listed before it listens, and on a busy machine it takes long to start: others may say so. */
const awaited = "nothing listens where discovery lists a peer"

const assertQuiet = (pods: ReadonlyArray<Pod>) => {
  for (const { complaint, log, node } of pods) {
    assert.deepStrictEqual(
      log.filter(({ level, message }) => level !== "INFO" && !message.startsWith(awaited)),
      [],
      node
    )
    assert.strictEqual(complaint(), "")
  }
}

/** Runs a story in a namespace; only where port 53 is root's and this is not root, it cannot. */
const inNamespace = (
  path: string,
  server: string,
  story: (namespace: Effect.Success<ReturnType<typeof makeNamespace>>) => Effect.Effect<void, unknown, Scope.Scope>,
  skip: (reason: string) => void
) =>
  Effect.gen(function* () {
    const made = yield* Effect.result(makeNamespace(path, server))
    if (Result.isSuccess(made)) return yield* story(made.success)
    assert.strictEqual(made.failure.code, "EACCES")
    return skip("only root may listen at port 53 here, and a resolv.conf can name no other")
  })

describe("three pods", () => {
  it.live(
    "of a Deployment find each other by A records, before there are any and when one gives way to another",
    ({ skip }) =>
      inNamespace(
        "manifests/a.yaml",
        `${network}.10`,
        Effect.fnUntraced(function* ({ dns, start, name }) {
          const one = yield* start("gc-a-1", `${network}.11`)
          yield* dns.untilAsked(name)
          yield* assertMembers([one])
          assert.deepStrictEqual(yield* one.page("/healthz"), { status: 200, body: { phase: "Member" } })
          const searched = ["default.svc.cluster.local", "svc.cluster.local", "cluster.local"].map(
            (zone) => `${name}.${zone}`
          )
          assert.deepStrictEqual([...new Set(dns.asked)], [...searched, name])

          const [p1, p2, p3, p4] = [11, 12, 13, 14].map((host) => ({
            name: `gc-a-${host - 10}`,
            address: `${network}.${host}`
          }))
          if (!p1 || !p2 || !p3 || !p4) return
          dns.list([p1, p2, p3])
          const before = dns.asked.length
          const two = yield* start(p2.name, p2.address)
          const three = yield* start(p3.name, p3.address)
          yield* assertMembers([one, two, three])
          assert.deepStrictEqual([...new Set(dns.asked.slice(before))], searched.slice(0, 1))

          dns.list([p1, p3, p4])
          const four = yield* start(p4.name, p4.address)
          yield* assertMembers([one, two, three, four])
          // A peer that does not read keeps it waiting, so that it can be seen leaving.
          three.kill("SIGSTOP")
          two.kill("SIGTERM")
          const health = yield* Effect.repeat(two.page("/healthz"), { until: ({ status }) => status !== 200 })
          three.kill("SIGCONT")
          assert.deepStrictEqual(health, { status: 503, body: { phase: "Leaving" } })
          assert.strictEqual(yield* two.ended, 0)
          for (const pod of [one, three, four]) {
            yield* pod.said(`Left ${two.node}`)
            assert.deepStrictEqual(words(pod, two.node), ["Up", "Left"])
          }
          yield* assertMembers([one, three, four])
          assertQuiet([one, two, three, four])
        }),
        skip
      )
  )

  it.live("of a StatefulSet find each other by SRV records, and one that crashed at its new address", ({ skip }) =>
    inNamespace(
      "manifests/srv.yaml",
      `${network}.20`,
      Effect.fnUntraced(function* ({ dns, start, name }) {
        const pods = [0, 1, 2].map((index) => ({ name: `${name}-${index}`, address: `${network}.${21 + index}` }))
        const [zero, one, two] = yield* Effect.forEach(pods, (pod) => start(pod.name, pod.address))
        if (!zero || !one || !two) return
        yield* assertMembers([zero])
        yield* dns.untilAsked(`_gc._tcp.${name}`)
        dns.list(pods)
        yield* assertMembers([zero, one, two])
        assert.strictEqual(one.node, `${name}-1@${name}-1.${name}`)

        one.kill("SIGKILL")
        yield* one.ended
        dns.list(pods.map((pod, index) => (index === 1 ? { ...pod, address: `${network}.24` } : pod)))
        const again = yield* start(`${name}-1`, `${network}.24`)
        for (const pod of [zero, two]) yield* pod.said(`Up ${again.node}`, 2)
        yield* assertMembers([zero, again, two])
        for (const pod of [zero, two]) {
          const { body } = yield* pod.page("/members")
          const found = (
            body as ReadonlyArray<{ readonly name: string; readonly addresses: ReadonlyArray<string> }>
          ).find((member) => member.name === again.node)
          assert.include(found?.addresses[0], `//${network}.24:`)
          assert.deepStrictEqual(
            words(pod, one.node).filter((word) => word === "Up" || word === "Down"),
            ["Up", "Down", "Up"]
          )
        }
      }),
      skip
    )
  )
})

describe("the program", () => {
  it.live("ends with 1 and names the variable that is missing or wrong", () =>
    Effect.gen(function* () {
      const manifest = readManifest("manifests/a.yaml")
      const healthPort = `${yield* freePort("::")}`
      const right: Record<string, string> = {
        ...environmentOf(manifest, "gc-a-1", "127.0.0.1"),
        [variables.healthPort]: healthPort
      }
      for (const [key, value] of [
        [variables.cluster, undefined],
        [variables.dnsType, "MX"],
        [variables.port, "tcp://10.0.0.1:4370"],
        [variables.cookieFile, "/nonexistent/cookie"]
      ] as const) {
        const { [key]: _, ...rest } = right
        const pod = yield* startPod(value === undefined ? rest : { ...rest, [key]: value })
        assert.strictEqual(yield* pod.ended, 1)
        assert.lengthOf(
          pod.log.filter(({ level }) => level === "FATAL"),
          1
        )
        assert.include(pod.log.at(-1)?.message, value?.startsWith("/") === true ? value : key)
        assert.strictEqual(pod.complaint(), "")
      }
    })
  )
})
