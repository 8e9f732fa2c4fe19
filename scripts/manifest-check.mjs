/**
 * A package declares exactly what it imports: what its src imports is a dependency or a peer, what only its tests
 * import is a devDependency, and nothing else is declared, optional peers aside: a program may load those by name. Its
 * relative imports stay inside it.
 */
import { builtinModules } from "node:module"
import { existsSync, readFileSync } from "node:fs"
import { join, posix } from "node:path"
import { root, workspaceFolders } from "./bootstrap.mjs"
import { importsOf, readManifest, report, sourceFiles } from "./sources.mjs"

const folders = workspaceFolders()

const peersOf = (folder, name) =>
  existsSync(join(root, folder, "node_modules", name))
    ? (readManifest(`${folder}/node_modules/${name}`).peerDependencies ?? {})
    : {}

const packageOf = (specifier) => specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/")
const isBuiltin = (specifier) => specifier.startsWith("node:") || builtinModules.includes(specifier)
/** A test may reach everything of its own package; the protocol only itself. */
const boundaryOf = (folder, file) =>
  [`packages/core/src/protocol`, `${folder}/src`].find((boundary) => file.startsWith(`${boundary}/`)) ?? folder

const problemsOf = (folder) => {
  const manifest = readManifest(folder)
  const problems = []
  const importsIn = (...parts) => {
    const used = new Map()
    for (const file of parts.flatMap((part) => sourceFiles(`${folder}/${part}`))) {
      for (const specifier of importsOf(readFileSync(join(root, file), "utf8"))) {
        if (specifier.startsWith(".")) {
          const target = posix.join(posix.dirname(file), specifier)
          const boundary = boundaryOf(folder, file)
          if (!target.startsWith(`${boundary}/`)) problems.push(`${file} imports ${specifier}, outside ${boundary}`)
        } else if (isBuiltin(specifier)) {
          if (!specifier.startsWith("node:")) problems.push(`${file} imports ${specifier}; write node:${specifier}`)
          used.set("@types/node", file)
        } else if (packageOf(specifier) !== manifest.name) used.set(packageOf(specifier), file)
      }
    }
    return used
  }
  const inSource = importsIn("src")
  const inTests = importsIn("test", "interop", "bench", "dtslint")
  const shipped = { ...manifest.dependencies, ...manifest.peerDependencies }
  const inScripts = (name) => Object.values(manifest.scripts ?? {}).some((script) => script.split(" ").includes(name))
  /** A package that is declared only because another one that is used has it as a peer. */
  const isPeerOf = (names, name) => names.some((other) => name in peersOf(folder, other))
  /** The types of a package that is imported. */
  const isTypesOf = (name) => {
    const typed = name.startsWith("@types/") ? name.slice("@types/".length) : ""
    return inSource.has(typed) || inTests.has(typed)
  }
  const optional = (name) => manifest.peerDependenciesMeta?.[name]?.optional === true

  for (const [name, file] of inSource) {
    if (name !== "@types/node" && !(name in shipped)) problems.push(`${file} imports ${name}, which is no dependency`)
  }
  for (const [name, file] of inTests) {
    if (name !== "@types/node" && !(name in shipped) && !(name in (manifest.devDependencies ?? {}))) {
      problems.push(`${file} imports ${name}, which is no devDependency`)
    }
  }
  for (const name of Object.keys(shipped)) {
    if (!inSource.has(name) && !optional(name) && !isPeerOf([...inSource.keys()], name)) {
      problems.push(`${folder} declares ${name}, which its src does not import`)
    }
  }
  for (const name of Object.keys(manifest.devDependencies ?? {})) {
    const used = name in (manifest.peerDependencies ?? {}) || inTests.has(name) || inScripts(name) || isTypesOf(name)
    if (name !== "@types/node" && !used && !isPeerOf([...inTests.keys()], name)) {
      problems.push(`${folder} declares ${name} for development, which its tests do not import`)
    }
  }
  for (const name of Object.keys(manifest.peerDependencies ?? {})) {
    if (!(name in (manifest.devDependencies ?? {})) && !optional(name)) {
      problems.push(`${folder} has the peer ${name} but not as a devDependency to develop against`)
    }
  }
  return problems
}

report(folders.flatMap(problemsOf), `${folders.length} manifests declare what is imported.`)
