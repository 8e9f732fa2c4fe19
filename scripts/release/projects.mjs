/** Projects outside the repository that install from the registry on loopback, as a stranger's would. */
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { run } from "./bounded.mjs"

const templates = join(dirname(fileURLToPath(import.meta.url)), "projects")

const writeJson = (file, value) => writeFileSync(file, `${JSON.stringify(value, undefined, 2)}\n`)

/** A fresh project in `folder` with what the template of its name has, and exactly these packages asked for. */
export const install = async ({ folder, names, env }) => {
  mkdirSync(folder, { recursive: true })
  const template = join(templates, folder.split("/").at(-1))
  if (existsSync(template)) cpSync(template, folder, { recursive: true })
  writeJson(join(folder, "package.json"), { name: "stranger", version: "1.0.0", private: true, type: "module" })
  await run("npm", ["install", ...names], { cwd: folder, env, seconds: 120 })
  return installed(folder)
}

/** All that stands in node_modules, by npm's own account, as `name@version`. */
const installed = (folder) => {
  const { packages } = JSON.parse(readFileSync(join(folder, "node_modules", ".package-lock.json"), "utf8"))
  return Object.entries(packages)
    .map(([path, { version }]) => `${path.replace(/^.*node_modules\//, "")}@${version}`)
    .sort()
}

/** What is installed and was not expected, and what is missing; empty when both are the same. */
export const compareInstalled = (found, expected) => [
  ...found.filter((id) => !expected.includes(id)).map((id) => `${id} is installed, and nothing asked for it`),
  ...expected.filter((id) => !found.includes(id)).map((id) => `${id} is not installed`)
]

/** The entry points that an installed package offers to others, patterns filled in. */
export const installedEntries = (folder, name, listFiles) => {
  const manifest = JSON.parse(readFileSync(join(folder, "node_modules", name, "package.json"), "utf8"))
  return Object.entries(manifest.exports)
    .filter(([, target]) => typeof target === "string" && target.endsWith(".js"))
    .flatMap(([entry, target]) => {
      if (!target.includes("*")) return [entry]
      const directory = dirname(target)
      return listFiles(join(folder, "node_modules", name, directory))
        .filter((file) => file.endsWith(".js"))
        .map((file) => entry.replace("*", file.replace(/\.js$/, "")))
        .filter((one) => manifest.exports[one] !== null)
    })
    .filter((entry, index, all) => all.indexOf(entry) === index)
    .map((entry) => `${name}${entry.slice(1)}`)
    .sort()
}

/** A program that imports every one of them, and the settings that leave nothing unchecked. */
export const writeTypeCheck = (folder, entries) => {
  const lines = entries.map((entry, index) => `import * as e${index} from ${JSON.stringify(entry)}`)
  const all = entries.map((_, index) => `e${index}`).join(", ")
  writeFileSync(join(folder, "entries.ts"), `${lines.join("\n")}\nexport const all = [${all}]\n`)
  writeJson(join(folder, "tsconfig.json"), {
    compilerOptions: {
      target: "es2023",
      // The types of effect name what browsers and Node share (AbortSignal, URL): this library has it without @types/node.
      lib: ["es2023", "dom"],
      module: "nodenext",
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      outDir: "dist"
    },
    include: ["*.ts"]
  })
}

/** Compiles the project; the compiler stands outside of it. */
export const compile = async (folder, compiler, env) => {
  await run("node", [compiler, "-p", "."], { cwd: folder, env, seconds: 120 })
  return (await run("node", [compiler, "--version"], { cwd: folder, env, seconds: 30 })).trim().split(" ").at(-1)
}
