// Type-checks what npm run bench measures gc beside, where it has been installed: it has a lockfile of its own.
import { existsSync } from "node:fs"
import { join } from "node:path"
import { root, say } from "./bootstrap.mjs"
import { run } from "./spawn.mjs"

const rivals = join(root, "apps", "bench", "rivals")

if (existsSync(join(rivals, "node_modules", ".gc-installed"))) {
  const { code } = await run("tsc", ["-p", rivals], { cwd: root, env: process.env })
  process.exitCode = code
} else say("not checked: the rivals are not installed (npm run bench does that)")
