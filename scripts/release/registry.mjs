/** A registry on loopback that knows nothing but what is published to it: it asks no other one. */
import { mkdirSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { start } from "./bounded.mjs"

export const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })

/** What would lead a client elsewhere: settings of the package managers, proxies, tokens, settings of nodes. */
const foreign = /^(npm_|pnpm_|corepack_|node_auth_token$|gc_|erl_epmd_|(https?_|all_|no_)?proxy$|xdg_)/i

/** An environment in which every client has that registry, and a home that is no user's. */
const clientEnvironment = (env, home, url) => {
  mkdirSync(home, { recursive: true })
  const userconfig = join(home, ".npmrc")
  const globalconfig = join(home, "global.npmrc")
  writeFileSync(userconfig, `registry=${url}\n${url.replace(/^http:/, "")}:_authToken=anybody\n`)
  writeFileSync(globalconfig, "")
  return {
    ...Object.fromEntries(Object.entries(env).filter(([name]) => !foreign.test(name))),
    HOME: home,
    NO_COLOR: "1",
    CI: "1",
    npm_config_userconfig: userconfig,
    npm_config_globalconfig: globalconfig,
    npm_config_cache: join(home, "cache"),
    npm_config_update_notifier: "false",
    npm_config_audit: "false",
    npm_config_fund: "false"
  }
}

const answers = (url) =>
  fetch(`${url}-/ping`, { signal: AbortSignal.timeout(2000) }).then(
    ({ ok }) => ok,
    () => false
  )

const configuration = (storage) => `storage: ${JSON.stringify(storage)}
web: { enable: false }
uplinks: {}
max_body_size: 200mb
packages:
  "**": { access: $all, publish: $all, unpublish: $all }
log: { type: stdout, format: json, level: warn }
`

/** Starts verdaccio below `folder`; `env` is for its clients. */
export const startRegistry = async ({ tools, folder, env }) => {
  mkdirSync(folder, { recursive: true })
  const config = join(folder, "verdaccio.yaml")
  writeFileSync(config, configuration(join(folder, "storage")))
  // Between finding a port and listening somebody else can take it.
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}/`
    const clients = clientEnvironment(env, join(folder, "home"), url)
    const program = join(tools, "node_modules", "verdaccio", "bin", "verdaccio")
    const server = start("node", [program, "--config", config, "--listen", `127.0.0.1:${port}`], {
      cwd: folder,
      env: clients
    })
    let ended = false
    void server.ended.then(() => (ended = true))
    for (const deadline = Date.now() + 30_000; !ended && Date.now() < deadline; await sleep(50)) {
      if ((await answers(url)) && !ended) return { url, env: clients, stop: () => server.stop() }
    }
    server.kill()
    if (attempt === 3) throw new Error(`verdaccio does not start\n${server.output()}`)
  }
}
