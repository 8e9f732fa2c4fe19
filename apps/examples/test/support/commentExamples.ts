import { globSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { root } from "./snippets.ts"

const namespaces = (names: ReadonlyArray<string>, folder: string) =>
  names.map((name) => [name, `import * as ${name} from "${folder}/${name}"`] as const)

const all = (name: string, from: string) => [name, `import * as ${name} from "${from}"`] as const
const one = (name: string, from: string) => [name, `import { ${name} } from "${from}"`] as const

const core = globSync("packages/core/src/*.ts", { cwd: root })
  .map((file) => basename(file, ".ts"))
  .filter((name) => name !== "index")

/** Most examples in comments leave their imports out: what a name stands for in all of them, in the order of their use. */
const meanings = [
  // Of the reader's own.
  ["address", "declare const address: Address.Address"],
  ["assert", `import { assert } from "@effect/vitest"`],
  ["plugin", "declare const plugin: Plugin.DiscoveryPlugin"],
  ["readRegistry", "declare const readRegistry: Effect.Effect<ReadonlyArray<string>>"],
  ["layer", "declare const layer: (options: { readonly url: string }) => Layer.Layer<Discovery.Discovery>"],
  ["Registry", "declare const Registry: { readonly plugin: Plugin.DiscoveryPlugin }"],
  // Of gc's packages and of Effect.
  all("Dns", "@gc/discovery-dns"),
  all("Epmd", "@gc/discovery-epmd"),
  all("Gossip", "@gc/discovery-gossip"),
  all("Static", "@gc/discovery-static"),
  all("Tcp", "@gc/transport-tcp"),
  all("Ws", "@gc/transport-ws"),
  one("Resolver", "@gc/discovery-dns"),
  one("Daemon", "@gc/discovery-epmd"),
  one("SimulatedNetwork", "@gc/testkit"),
  one("TestConfiguration", "@gc/testkit"),
  ...namespaces(core, "@gc/core"),
  ...namespaces(["Config", "Effect", "Layer", "Schema", "Stream"], "effect")
] as const

/** Statements that yield stand in a program of Effect. */
const wrapped = (code: string) =>
  /^(const [\w{}, ]+ = )?yield\*/m.test(code) ? `export const example = Effect.gen(function* () {\n${code}\n})\n` : code

/** One that has an import has all of them. */
const complete = (example: string) =>
  /^import /m.test(example)
    ? example
    : meanings.reduce(
        (code, [name, line]) => {
          const isUsed = new RegExp(String.raw`(?<![\w."'/@-]|const )${name}\b(?!["':])`).test(code)
          return isUsed ? `${line}\n${code}` : code
        },
        `${wrapped(example)}\nexport {}\n`
      )

/** The TypeScript in the packages' comments, made whole, by a name that tells where it stands. */
export const commentExamples = globSync("packages/*/src/**/*.ts", { cwd: root }).flatMap((file) =>
  Array.from(
    readFileSync(join(root, file), "utf8").matchAll(/^ *\* ```ts\n(.*?)^ *\* ```$/gms),
    ([, comment = ""], index) => ({
      name: `${file.replaceAll(/[^A-Za-z0-9-]+/g, "_")}_${index + 1}.ts`,
      code: complete(comment.replaceAll(/^ *\* ?/gm, ""))
    })
  )
)

/** Packages of others that the examples name. */
export const foreignPackages = `
declare module "gc-discovery-list" {
  export const layer: (peers: ReadonlyArray<import("@gc/core/Peer").Peer>) =>
    import("effect/Layer").Layer<import("@gc/core/Discovery").Discovery>
}
declare module "gc-transport-pigeon" {
  export const layer: (options: { readonly host: string; readonly port: number }) =>
    import("effect/Layer").Layer<import("@gc/core/Transport").Transport>
}
`
