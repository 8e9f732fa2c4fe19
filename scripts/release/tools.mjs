/** The tools that few tasks need: tools/<name> has a manifest and a lockfile of its own, and is installed on demand. */
import { createHash } from "node:crypto"
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { root, say } from "../bootstrap.mjs"
import { run } from "./bounded.mjs"

const inputs = ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"]

/** Installs what the lockfile of tools/<name> says, unless that has been done, and answers the folder. */
export const ensureTools = async (name, env) => {
  const folder = join(root, "tools", name)
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}\n`)
  for (const file of inputs) hash.update(readFileSync(join(folder, file)))
  const fingerprint = hash.digest("hex")
  const stamp = join(folder, "node_modules", ".gc-installed")
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === fingerprint) return folder
  say(`Installing tools/${name} …`)
  rmSync(stamp, { force: true })
  await run("pnpm", ["install", "--frozen-lockfile"], { cwd: folder, env, seconds: 180 })
  writeFileSync(stamp, fingerprint)
  return folder
}
