/**
 * What has to be there before a run: gc built and laid out as it is published, and the rivals of apps/bench/rivals installed.
 */
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../../../", import.meta.url))
const rivals = fileURLToPath(new URL("../rivals/", import.meta.url))
const published = ["core", "discovery-static", "transport-tcp", "transport-ws"]

const run = (command: string, args: ReadonlyArray<string>, cwd: string, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    // Its output is progress: stdout is for the report.
    const child = spawn(command, args, { cwd, stdio: ["ignore", 2, 2], signal })
    child.on("error", (error) => reject(new Error(`${command} could not be run (use npm run bench): ${error.message}`)))
    child.on("close", (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ${args.join(" ")} ended with code ${code}`))
    )
  })

const stampOf = (folder: string): string => join(folder, "node_modules", ".gc-installed")

const installRivals = async (signal: AbortSignal): Promise<void> => {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}\n`)
  for (const file of ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"]) {
    hash.update(readFileSync(join(rivals, file)))
  }
  const fingerprint = hash.digest("hex")
  const stamp = stampOf(rivals)
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === fingerprint) return
  rmSync(stamp, { force: true })
  await run("pnpm", ["install", "--frozen-lockfile"], rivals, signal)
  writeFileSync(stamp, fingerprint)
}

/** The files below a folder with their sizes and times: what tells whether it changed. */
const listing = (folder: string): string =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .toSorted()
    .map((name) => {
      const { mtimeMs, size } = statSync(join(folder, name))
      return `${name} ${size} ${mtimeMs}`
    })
    .join("\n")

interface Manifest {
  readonly exports: unknown
  readonly publishConfig: { readonly exports: unknown }
}

/** What a user's install of a package holds: its manifest as it is published, and its dist. */
const stage = (name: string): void => {
  const from = join(root, "packages", name)
  const to = join(rivals, "node_modules", "@gc", name)
  const manifest = JSON.parse(readFileSync(join(from, "package.json"), "utf8")) as Manifest
  const text = JSON.stringify({ ...manifest, exports: manifest.publishConfig.exports }, undefined, 2)
  const state = `${text}\n${listing(join(from, "dist"))}`
  const stamp = join(to, ".gc-staged")
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === state) return
  rmSync(to, { recursive: true, force: true })
  mkdirSync(to, { recursive: true })
  cpSync(join(from, "dist"), join(to, "dist"), { recursive: true })
  writeFileSync(join(to, "package.json"), text)
  writeFileSync(stamp, state)
}

/** Installs, builds and lays out, each only where something changed. */
export const prepare = async (progress: (line: string) => void, signal: AbortSignal): Promise<void> => {
  progress("installs the rivals, builds gc")
  await installRivals(signal)
  await run("turbo", ["run", "build", "--concurrency=2", "--output-logs=errors-only"], root, signal)
  for (const name of published) stage(name)
}

/** The installed version of a rival. */
export const versionOf = (name: string): string => {
  const { version } = JSON.parse(readFileSync(join(rivals, "node_modules", name, "package.json"), "utf8")) as {
    readonly version: string
  }
  return version
}
