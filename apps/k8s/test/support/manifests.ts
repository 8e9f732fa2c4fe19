import { readFileSync } from "node:fs"
import { parseAllDocuments } from "yaml"
import { type Kinds, readObject } from "./shapes.ts"

/** A file of this app. */
export const readText = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8")

/** The documents of a manifest as they stand there. Kubernetes reads YAML 1.1, where 0444 is octal. */
export const readYaml = (path: string): ReadonlyArray<unknown> => {
  const documents = parseAllDocuments(readText(path), { version: "1.1" })
  return [...documents].map((document) => {
    const [problem] = [...document.errors, ...document.warnings]
    if (problem !== undefined) throw new Error(`${path}: ${problem.message}`)
    return document.toJS() as unknown
  })
}

/** What a manifest sets up. */
export interface Manifest {
  readonly service: Kinds["Service"]
  readonly workload: Kinds["Deployment"] | Kinds["StatefulSet"]
  readonly budget: Kinds["PodDisruptionBudget"]
  readonly policy: Kinds["NetworkPolicy"]
}

/** Reads a manifest, which has one object of each. */
export const readManifest = (path: string): Manifest => {
  const objects = readYaml(path).map(readObject)
  const only = <Kind extends keyof Kinds>(...wanted: ReadonlyArray<Kind>): Kinds[Kind] => {
    const found = objects.filter(({ kind }) => (wanted as ReadonlyArray<string>).includes(kind))
    if (found.length !== 1) throw new Error(`${path} has ${found.length} of ${wanted.join(" and ")}`)
    return found[0] as Kinds[Kind]
  }
  return {
    service: only("Service"),
    workload: only("Deployment", "StatefulSet"),
    budget: only("PodDisruptionBudget"),
    policy: only("NetworkPolicy")
  }
}

/** The pod of a workload: its node's container, the one before it, and its volumes. */
export const podOf = ({ workload }: Manifest) => {
  const pod = workload.spec.template.spec
  const [before] = pod.initContainers ?? []
  if (before === undefined) throw new Error("there is no init container")
  return { pod, node: pod.containers[0], before, volumes: pod.volumes ?? [] }
}

/** The environment of a pod of this name and address, `$(NAME)` put in as Kubernetes does: only what is defined before. */
export const environmentOf = (manifest: Manifest, name: string, address: string): Record<string, string> => {
  const fields = { "metadata.name": name, "metadata.namespace": "default", "status.podIP": address }
  const environment: Record<string, string> = {}
  for (const each of podOf(manifest).node.env ?? []) {
    environment[each.name] =
      "value" in each
        ? each.value.replaceAll(/\$\(([A-Z_]+)\)/g, (whole, key: string) => environment[key] ?? whole)
        : fields[each.valueFrom.fieldRef.fieldPath]
  }
  return environment
}
