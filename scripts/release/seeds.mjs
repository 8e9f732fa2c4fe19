/** What the packages depend on beside each other, taken from node_modules: the registry on loopback asks nobody. */
import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync } from "node:fs"
import { dirname, join } from "node:path"
import { root } from "../bootstrap.mjs"
import { packages } from "../sources.mjs"
import { run } from "./bounded.mjs"

const read = (folder) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))

/** Where `name` is found from `folder`, as Node would. */
const locate = (folder, name) => {
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    const found = join(at, "node_modules", name)
    if (existsSync(join(found, "package.json"))) return realpathSync(found)
  }
  throw new Error(`${name}, which ${folder} needs, is not installed`)
}

const isOptional = (manifest, name) => manifest.peerDependenciesMeta?.[name]?.optional === true

/** The names that an install of this package brings, optional ones aside. */
const needs = (manifest) =>
  Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }).filter((name) => !isOptional(manifest, name))

/** The folders of everything from others that the published packages need, however far away, by `name@version`. */
const foreignPackages = () => {
  const found = new Map()
  const own = new Set(packages().map(({ manifest }) => manifest.name))
  const visit = (folder, manifest) => {
    for (const name of needs(manifest)) {
      if (own.has(name)) continue
      const at = locate(folder, name)
      const of = read(at)
      const id = `${of.name}@${of.version}`
      if (found.has(id)) continue
      found.set(id, at)
      visit(at, of)
    }
  }
  for (const { folder, manifest } of packages()) visit(join(root, folder), manifest)
  return found
}

/** Publishes them; answers their `name@version`. */
export const seed = async ({ folder, env }) => {
  const all = [...foreignPackages()]
  for (const [index, [id, from]] of all.entries()) {
    const place = join(folder, String(index))
    mkdirSync(place, { recursive: true })
    const inside = join(from, "node_modules")
    cpSync(from, join(place, "package"), {
      recursive: true,
      filter: (path) => path !== inside && !path.startsWith(`${inside}/`)
    })
    await run("tar", ["-czf", "seed.tgz", "package"], { cwd: place, env, seconds: 60 })
    const args = ["publish", "./seed.tgz", "--provenance=false", "--ignore-scripts", "--tag", "latest"]
    await run("npm", args, { cwd: place, env, seconds: 60 }).catch((error) => {
      throw new Error(`${id} cannot be put into the registry: ${error.message}`)
    })
  }
  return all.map(([id]) => id).sort((a, b) => (a < b ? -1 : 1))
}
