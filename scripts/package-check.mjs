/** Packs each package as it would be published and lets publint, attw and a few rules judge the tarball. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { root } from "./bootstrap.mjs"
import { judgeTarball } from "./release/tarball.mjs"
import { packages, report } from "./sources.mjs"
import { run } from "./spawn.mjs"

const judge = async ({ folder, manifest }, destination) => {
  const own = join(destination, basename(folder))
  const cwd = join(root, folder)
  const packed = await run("pnpm", ["pack", "--pack-destination", own], { cwd, env: process.env, capture: true })
  if (packed.code !== 0) return [`${folder}: pnpm pack failed\n${packed.output}`]
  const tarball = join(own, `${manifest.name.replace("@", "").replace("/", "-")}-${manifest.version}.tgz`)
  return judgeTarball({ label: folder, manifest, tarball })
}

const destination = mkdtempSync(join(tmpdir(), "gc-pack-"))
try {
  const all = packages()
  const problems = (await Promise.all(all.map((one) => judge(one, destination)))).flat()
  report(problems, `${all.length} tarballs are fit to publish.`)
} finally {
  rmSync(destination, { recursive: true, force: true })
}
