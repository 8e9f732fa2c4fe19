import * as Address from "@gc/core/Address"
import * as Effect from "effect/Effect"
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import * as net from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fixture } from "../test/support.ts"

const program = "nginx"

/** A port that nobody has at the moment. */
const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as net.AddressInfo
      server.close(() => resolve(port))
    })
  })

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1", () => resolve(true))
    socket.on("error", () => resolve(false))
    socket.once("connect", () => socket.destroy())
  })

/** It ends TLS, and hands `/p/<port>` to the path `/gc` of that port: the location is that of docs/transport-ws.md. */
const configuration = (folder: string, port: number): string => `
user root;
daemon off;
worker_processes 1;
worker_shutdown_timeout 200ms;
pid ${folder}/pid;
error_log stderr error;
events { worker_connections 1024; }
http {
  access_log off;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((each) => `${each}_temp_path ${folder}/${each};`).join("\n  ")}
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${folder}/node.pem;
    ssl_certificate_key ${folder}/node.key;
    location ~ ^/p/([0-9]+)$ {
      proxy_pass http://127.0.0.1:$1/gc;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection upgrade;
      proxy_buffering off;
    }
    location ~ ^/deaf/([0-9]+)$ { proxy_pass http://127.0.0.1:$1/gc; }
  }
}
`

const begin = async (): Promise<{ readonly child: ChildProcess; readonly folder: string; readonly port: number }> => {
  const folder = mkdtempSync(join(tmpdir(), "gc-nginx-"))
  const port = await freePort()
  writeFileSync(join(folder, "node.pem"), fixture("node-a.pem"))
  writeFileSync(join(folder, "node.key"), fixture("node-a.key"), { mode: 0o600 })
  writeFileSync(join(folder, "nginx.conf"), configuration(folder, port))
  const path = [process.env["PATH"], "/usr/sbin", "/sbin"].join(":")
  const child = spawn(program, ["-p", folder, "-c", join(folder, "nginx.conf"), "-e", "stderr"], {
    env: { PATH: path },
    stdio: ["ignore", "ignore", "inherit"]
  })
  child.on("error", (error) => {
    throw new Error(`nginx is needed by the interop tests: ${error.message}`)
  })
  for (let tries = 0; !(await answers(port)); tries++) {
    if (tries > 500 || child.exitCode !== null) throw new Error("nginx does not listen")
    await sleep(20)
  }
  return { child, folder, port }
}

const end = async ({ child, folder }: Awaited<ReturnType<typeof begin>>): Promise<void> => {
  const over = new Promise((resolve) => child.once("exit", resolve))
  if (child.exitCode === null && child.signalCode === null) {
    child.kill("SIGTERM")
    await Promise.race([over, sleep(5_000)])
  }
  rmSync(folder, { recursive: true, force: true })
}

/** An nginx that ends with the scope. */
export const startNginx = Effect.map(
  Effect.acquireRelease(Effect.promise(begin), (each) => Effect.promise(() => end(each))),
  ({ child, port }) => ({
    /** What nodes behind it advertise. */
    addressOf: (upstream: number, way = "p") => Address.make("wss", "localhost", port, `/${way}/${upstream}`),
    /** Reads its configuration anew: the old worker cuts what goes through it after 200 ms. */
    reload: Effect.sync(() => void child.kill("SIGHUP"))
  })
)
