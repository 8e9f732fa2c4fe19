/** The next release, made and published in a copy of the repository: the repository itself stays as it is. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs"
import { dirname, join } from "node:path"
import { root, workspaceFolders } from "../bootstrap.mjs"
import { run } from "./bounded.mjs"

const seconds = 60

/** Copies what git would take, and what a build and an install made. */
export const copyRepository = async (staging, env) => {
  const listed = await run("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    env,
    seconds
  })
  for (const file of listed.split("\0").filter((name) => name !== "" && existsSync(join(root, name)))) {
    mkdirSync(dirname(join(staging, file)), { recursive: true })
    cpSync(join(root, file), join(staging, file), { verbatimSymlinks: true })
  }
  for (const folder of workspaceFolders()) {
    for (const made of ["node_modules", "dist"]) {
      const from = join(root, folder, made)
      if (existsSync(from)) cpSync(from, join(staging, folder, made), { recursive: true, verbatimSymlinks: true })
    }
  }
  symlinkSync(join(root, "node_modules"), join(staging, "node_modules"))
  // changesets looks at the tags, even when it is to make none.
  await run("git", ["init", "--quiet", "."], { cwd: staging, env, seconds })
}

const pending = (staging) =>
  readdirSync(join(staging, ".changeset")).filter((name) => name.endsWith(".md") && name !== "README.md")

/**
 * Gives the packages their next versions and packs them: name, version and tarball of each. Right after a release nothing
 * waits for one, and the versions stay.
 */
export const packRelease = async (staging, env) => {
  const changes = pending(staging)
  if (changes.length > 0) await run("changeset", ["version"], { cwd: staging, env, seconds })
  await run("changeset", ["pack", "--out-dir", "tarballs"], { cwd: staging, env, seconds: 120 })
  const { plan } = JSON.parse(readFileSync(join(staging, "tarballs", "publish-plan.json"), "utf8"))
  const packed = plan
    .flat()
    .filter(({ tarball }) => tarball !== undefined)
    .map(({ name, version, tarball }) => ({ name, version, tarball: join(staging, "tarballs", tarball.path) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  return { changes, packed }
}

/** Publishes those tarballs to the registry that `env` names. */
export const publishRelease = (staging, env) =>
  run("changeset", ["publish", "--from-pack-dir", "tarballs", "--git-tag=false"], { cwd: staging, env, seconds: 120 })
