import { assert, describe, it } from "@effect/vitest"
import * as NodeName from "@gc/core/NodeName"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import { settings, variables } from "../src/settings.ts"
import { environmentOf, podOf, readManifest, readText, readYaml } from "./support/manifests.ts"

const paths = ["manifests/a.yaml", "manifests/srv.yaml"] as const

/** What `Cluster.leave` may take. */
const leaveSeconds = 5

/** What Kubernetes writes into a pod's resolv.conf. */
const ndots = 5

const keysOf = (value: unknown): ReadonlyArray<string> => {
  if (Array.isArray(value)) return value.flatMap(keysOf)
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)])
}

for (const path of paths) {
  describe(`the manifest ${path}`, () => {
    const manifest = readManifest(path)
    const { budget, policy, service, workload } = manifest
    const { before, node, pod, volumes } = podOf(manifest)
    const environment = environmentOf(manifest, `${service.metadata.name}-0`, "10.0.0.7")
    const read = settings.pipe(
      Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown(environment))
    )

    it("has one name and one label for everything, which every selector selects", () => {
      const { labels, name } = service.metadata
      assert.deepStrictEqual(labels, { "app.kubernetes.io/name": name })
      for (const { metadata } of [workload, budget, policy]) assert.deepStrictEqual(metadata, { name, labels })
      assert.deepStrictEqual(workload.spec.template.metadata.labels, labels)
      assert.deepStrictEqual(service.spec.selector, labels)
      const [rule, ...others] = policy.spec.ingress
      assert.deepStrictEqual(others, [])
      assert.deepStrictEqual(rule?.from, [{ podSelector: { matchLabels: labels } }])
      for (const { matchLabels } of [workload.spec.selector, budget.spec.selector, policy.spec.podSelector]) {
        assert.deepStrictEqual(matchLabels, labels)
      }
    })

    it("has a headless service that lists pods from their start to their end", () => {
      assert.strictEqual(service.spec.clusterIP, "None")
      assert.strictEqual(service.spec.publishNotReadyAddresses, true)
    })

    it.effect("has one port of nodes: where the program listens, in the pod, the service and the policy", () =>
      Effect.gen(function* () {
        const { port } = yield* read
        const { containerPort, name, protocol } = node.ports?.[0] ?? {}
        assert.deepStrictEqual({ containerPort, protocol }, { containerPort: port, protocol: "TCP" })
        assert.deepStrictEqual(service.spec.ports, [
          { name: name ?? "", port, targetPort: name ?? "", protocol: "TCP" }
        ])
        assert.deepStrictEqual(policy.spec.ingress[0]?.ports, [{ port: name ?? "", protocol: "TCP" }])
        assert.deepStrictEqual(policy.spec.policyTypes, ["Ingress"])
      })
    )

    it.effect("looks for the records that the service has, in the search domains of the pod", () =>
      Effect.gen(function* () {
        const { dnsName, dnsType } = yield* read
        const { name } = service.metadata
        const [port] = service.spec.ports
        assert.strictEqual(dnsType, path === "manifests/a.yaml" ? "A" : "SRV")
        assert.strictEqual(dnsName, dnsType === "A" ? name : `_${port.name}._${port.protocol?.toLowerCase()}.${name}`)
        assert.isBelow(dnsName.split(".").length - 1, ndots)
      })
    )

    it.effect("tells the program what it reads, and nothing else", () =>
      Effect.gen(function* () {
        const told = Object.keys(environment).filter((key) => key.startsWith("GC_"))
        const read_ = Object.values(variables) as ReadonlyArray<string>
        for (const key of told) assert.include(read_, key)
        assert.deepStrictEqual(
          Object.keys(environment).filter((key) => !key.startsWith("GC_")),
          ["POD_NAME"]
        )
        const given = yield* read
        assert.strictEqual(given.cluster, service.metadata.name)
        assert.strictEqual(given.host, "10.0.0.7")
        assert.strictEqual(NodeName.make(given.node), given.node)
        for (const key of told) {
          const { [key]: _, ...rest } = environment
          const without = yield* Effect.exit(
            Effect.provideService(settings, ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown(rest))
          )
          if (key !== variables.dnsType) assert.include(JSON.stringify(without), key)
        }
      })
    )

    it.effect("asks for its health where the program answers", () =>
      Effect.gen(function* () {
        const { httpGet } = node.readinessProbe ?? {}
        assert.strictEqual(httpGet?.path, "/healthz")
        const port = node.ports?.find(({ name }) => name === httpGet?.port)
        assert.strictEqual(port?.containerPort, (yield* read).healthPort)
      })
    )

    it("gives a node time to leave, and keeps enough of them", () => {
      assert.isAbove(pod.terminationGracePeriodSeconds ?? 0, 2 * leaveSeconds)
      assert.isAbove(workload.spec.replicas, budget.spec.maxUnavailable + 1)
      assert.isAbove(workload.spec.minReadySeconds ?? 0, 5)
    })

    it.effect(
      "copies the cookie of the secret to where only the node's user can read it, and shows the node the copy",
      () =>
        Effect.gen(function* () {
          assert.isUndefined(pod.securityContext?.fsGroup)
          const [install, mode, value, from = "", to = ""] = before.command ?? []
          assert.deepStrictEqual([install, mode, value], ["install", "-m", "0400"])
          assert.strictEqual(to, (yield* read).cookieFile)
          const volumeAt = (mounts: typeof before.volumeMounts, file: string) => {
            const mount = mounts?.find(({ mountPath }) => file === `${mountPath}/cookie`)
            return { volume: volumes.find(({ name }) => name === mount?.name), readOnly: mount?.readOnly ?? false }
          }
          assert.deepStrictEqual(volumeAt(before.volumeMounts, from), {
            volume: { name: "secret", secret: { secretName: "gc-cookie", defaultMode: 0o444 } },
            readOnly: true
          })
          const memory = { name: "cookie", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } } as const
          assert.deepStrictEqual(volumeAt(before.volumeMounts, to), { volume: memory, readOnly: false })
          assert.deepStrictEqual(volumeAt(node.volumeMounts, to), { volume: memory, readOnly: true })
          assert.lengthOf(node.volumeMounts ?? [], 1)
        })
    )

    it("runs as nobody in particular, with nothing that it does not need", () => {
      assert.deepStrictEqual(pod.securityContext, {
        runAsNonRoot: true,
        runAsUser: 1000,
        runAsGroup: 1000,
        seccompProfile: { type: "RuntimeDefault" }
      })
      assert.isFalse(pod.automountServiceAccountToken)
      assert.isFalse(pod.enableServiceLinks)
      for (const { image, resources, securityContext } of [before, node]) {
        assert.strictEqual(image, node.image)
        assert.deepStrictEqual(securityContext, {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] }
        })
        assert.isDefined(resources?.requests.cpu)
        assert.isDefined(resources?.requests.memory)
        assert.isDefined(resources?.limits.memory)
      }
    })
  })
}

describe("the StatefulSet", () => {
  it("is the service's, so that each pod has a name in DNS, and the node's name is that", () => {
    const manifest = readManifest("manifests/srv.yaml")
    const { service, workload } = manifest
    assert.strictEqual("serviceName" in workload.spec ? workload.spec.serviceName : "", service.metadata.name)
    assert.strictEqual(environmentOf(manifest, "gc-srv-2", "10.0.0.9")["GC_NODE"], "gc-srv-2@gc-srv-2.gc-srv")
  })
})

describe("the guide", () => {
  const guide = readText("README.md")

  it("explains every field of the manifests", () => {
    const fields = new Set(paths.flatMap((path) => readYaml(path).flatMap(keysOf)))
    const plain = ["apiVersion", "kind", "metadata", "spec", "app.kubernetes.io/name"]
    for (const field of fields) {
      if (!plain.includes(field)) assert.match(guide, new RegExp(`\`[^\`\n]*\\b${field}\\b[^\`\n]*\``), field)
    }
  })

  it("explains every variable of the program", () => {
    for (const variable of Object.values(variables)) assert.include(guide, `\`${variable}\``)
  })

  it("makes the secret that the pods mount, with the key that they copy", () => {
    assert.match(guide, /kubectl create secret generic gc-cookie --from-file=cookie=/)
  })
})
