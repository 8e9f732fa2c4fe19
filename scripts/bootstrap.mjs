import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { run } from "./spawn.mjs"

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Progress goes to stderr: stdout belongs to the program that a task runs. */
export const say = (line) => process.stderr.write(`${line}\n`)

const minimumNode = [22, 19]
const stampFile = join(root, "node_modules", ".gc-installed")

const manifest = () => JSON.parse(readFileSync(join(root, "package.json"), "utf8"))

/** The folders of packages/ and apps/ that have a manifest. */
export const workspaceFolders = (groups = ["packages", "apps"]) =>
  groups
    .flatMap((group) =>
      existsSync(join(root, group)) ? readdirSync(join(root, group)).map((name) => `${group}/${name}`) : []
    )
    .filter((folder) => existsSync(join(root, folder, "package.json")))
    .sort((a, b) => (a < b ? -1 : 1))

/** Everything an install depends on; a change of it asks for another one. */
const fingerprint = () => {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}\n`)
  const manifests = workspaceFolders().map((folder) => `${folder}/package.json`)
  for (const file of ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml", ...manifests]) {
    hash.update(`${file}\n`).update(readFileSync(join(root, file)))
  }
  return hash.digest("hex")
}

const isInstalled = () => existsSync(stampFile) && readFileSync(stampFile, "utf8") === fingerprint()

/** Installs what the lockfile says, unless that has been done. */
export const ensureInstalled = async ({ force = false, args = ["--frozen-lockfile"] } = {}) => {
  if (!force && isInstalled()) return
  const pin = manifest().packageManager
  say(`Installing with ${pin} …`)
  rmSync(stampFile, { force: true })
  const started = Date.now()
  const { code } = await run("npx", ["--yes", pin, "install", ...args], {
    cwd: root,
    env: { ...process.env, ...(process.stderr.isTTY ? {} : { NO_COLOR: "1" }) },
    stdio: ["ignore", 2, 2]
  })
  if (code !== 0) {
    throw new Error(
      `The install failed (${code}). After a change of a manifest, run "npm run setup -- --no-frozen-lockfile".`
    )
  }
  writeFileSync(stampFile, fingerprint())
  say(`Installed in ${((Date.now() - started) / 1000).toFixed(1)} s.`)
}

const isRecentEnough = (version) => {
  const [major, minor] = version.replace(/^v/, "").split(".").map(Number)
  return major > minimumNode[0] || (major === minimumNode[0] && minor >= minimumNode[1])
}

const versionOf = async (node) => {
  const { code, output } = await run(node, ["--version"], { capture: true }).catch(() => ({ code: 1, output: "" }))
  return code === 0 ? output.trim() : "v0.0"
}

/**
 * The Node from node_modules where there is one for this platform, else the user's. npm puts the former first on the
 * PATH of its scripts and names the latter, which runs npm itself.
 */
const findNode = async () => {
  const pinned = join(root, "node_modules", `node-${process.platform}-${process.arch}`, "bin", "node")
  if (process.env.GC_OWN_NODE !== "1" && existsSync(pinned) && isRecentEnough(await versionOf(pinned))) return pinned
  const own = process.env.npm_node_execpath ?? process.execPath
  const version = await versionOf(own)
  if (isRecentEnough(version)) return own
  throw new Error(`Node ${minimumNode.join(".")} or newer is needed; ${own} is ${version}.`)
}

/** The environment that tasks run in: that Node and the tools of node_modules come first. */
export const taskEnvironment = async () => {
  const node = await findNode()
  const key = Object.keys(process.env).find((name) => name.toUpperCase() === "PATH") ?? "PATH"
  return {
    ...process.env,
    [key]: [dirname(node), join(root, "node_modules", ".bin"), process.env[key]].filter(Boolean).join(delimiter),
    TURBO_TELEMETRY_DISABLED: "1",
    ...(process.stdout.isTTY ? {} : { NO_COLOR: "1" })
  }
}
