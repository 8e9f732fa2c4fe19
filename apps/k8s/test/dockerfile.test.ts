import { assert, describe, it } from "@effect/vitest"
import { existsSync, globSync, readFileSync } from "node:fs"
import { join, matchesGlob } from "node:path"
import { fileURLToPath } from "node:url"
import { readDockerfile } from "./support/dockerfile.ts"
import { podOf, readManifest, readText } from "./support/manifests.ts"

const root = fileURLToPath(new URL("../../..", import.meta.url))
const readJson = (path: string) => JSON.parse(readFileSync(join(root, path), "utf8"))

const stages = readDockerfile(readText("Dockerfile"))
const [build, image] = stages
const ignored = readText("Dockerfile.dockerignore").trimEnd().split("\n")
const { node, pod } = podOf(readManifest("manifests/a.yaml"))

const valuesOf = (name: string, stage = image) =>
  stage?.steps.flatMap((step) => (step.instruction === name ? [step.value] : [])) ?? []

/** Where a file of the repository is in the image, when the first stage copies it. */
const isCopied = (path: string): boolean =>
  !ignored.some((pattern) => matchesGlob(path, pattern) || matchesGlob(path, `${pattern}/**`)) &&
  (build?.copies ?? []).some(({ from, sources }) =>
    from === undefined ? sources.some((source) => path === source || path.startsWith(`${source}/`)) : false
  )

describe("the Dockerfile", () => {
  it("has two stages of one base, and the second takes everything from the first and runs nothing", () => {
    assert.deepStrictEqual(
      stages.map(({ base }) => base),
      ["node:24-slim", "node:24-slim"]
    )
    assert.deepStrictEqual(image?.copies, [{ from: build?.name, sources: ["/app"], target: "/app" }])
    assert.deepStrictEqual(valuesOf("RUN"), [])
    for (const stage of stages) assert.deepStrictEqual(valuesOf("WORKDIR", stage), ["/app"])
  })

  it("copies what there is", () => {
    const sources = build?.copies.flatMap((copy) => copy.sources) ?? []
    assert.isAbove(sources.length, 3)
    for (const source of sources) assert.isTrue(existsSync(join(root, source)), source)
  })

  it("copies the program, all that it imports from this repository, and what the install reads", () => {
    const { dependencies } = readJson("apps/k8s/package.json")
    const ours = Object.keys(dependencies).flatMap((name) => (name.startsWith("@gc/") ? [name.slice(4)] : []))
    const folders = ["apps/k8s", ...ours.map((folder) => `packages/${folder}`)]
    const files = folders.flatMap((folder) => [
      `${folder}/package.json`,
      ...globSync(`${folder}/src/**/*.ts`, { cwd: root })
    ])
    assert.isAbove(files.length, 50)
    for (const file of [...files, "package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"]) {
      assert.isTrue(isCopied(file), file)
    }
  })

  it("leaves out what is built or installed here, and the history", () => {
    for (const file of ["node_modules/a", "packages/core/node_modules/a", "packages/core/dist/a.js", ".git/HEAD"]) {
      assert.isFalse(isCopied(file), file)
    }
    assert.include(ignored, ".git")
  })

  it("installs with the package manager of the repository, what the lockfile says, without tools", () => {
    const [install = "", ...others] = valuesOf("RUN", build)
    assert.deepStrictEqual(others, [])
    assert.include(install, ` ${readJson("package.json").packageManager} install `)
    for (const option of [
      "--frozen-lockfile",
      "--prod",
      "--no-optional",
      `--filter "${readJson("apps/k8s/package.json").name}..."`
    ]) {
      assert.include(install, option)
    }
  })

  it("runs as the user of the manifests, by number, so that Kubernetes sees that it is not root", () => {
    const { runAsGroup, runAsUser } = pod.securityContext ?? {}
    assert.deepStrictEqual(valuesOf("USER"), [`${runAsUser}:${runAsGroup}`])
    assert.isAbove(runAsUser ?? 0, 0)
  })

  it("starts the program itself, so that it gets the signals", () => {
    const [command = "", ...others] = valuesOf("CMD")
    assert.deepStrictEqual(others, [])
    const [program, file, ...rest] = JSON.parse(command)
    assert.deepStrictEqual([program, rest], ["node", []])
    assert.isTrue(isCopied(file) && existsSync(join(root, file)), file)
    assert.deepStrictEqual(valuesOf("ENTRYPOINT"), [])
  })

  it("names the ports of the manifests", () => {
    assert.deepStrictEqual(valuesOf("EXPOSE"), [node.ports?.map(({ containerPort }) => containerPort).join(" ")])
  })
})
