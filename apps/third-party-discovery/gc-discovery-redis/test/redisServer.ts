import { createClient } from "@redis/client"
import * as Effect from "effect/Effect"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"

const connect = (port: number) =>
  createClient({ ...owner, socket: { port, host: "127.0.0.1", reconnectStrategy: false } })
    .on("error", () => {})
    .connect()

type Client = Awaited<ReturnType<typeof connect>>

const owner = { username: "default", password: "of-the-tests" }

/** A real redis-server of one test, at a port of its own, with a folder of its own. */
export interface RedisServer {
  readonly port: number
  /** What the nodes are given. */
  readonly url: string
  /** What the test itself does there, as the server's owner. */
  readonly use: <A>(commands: (client: Client) => Promise<A>) => Effect.Effect<A>
  /** SIGKILL; nothing is saved. */
  readonly kill: () => Promise<void>
  readonly start: () => Promise<void>
  /** SIGSTOP and SIGCONT: connections stay, nobody answers. */
  readonly freeze: () => void
  readonly thaw: () => void
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  return typeof address === "object" && address !== null ? address.port : 0
}

const spawnServer = async (port: number, folder: string): Promise<ChildProcess> => {
  const settings = {
    port,
    bind: "127.0.0.1",
    dir: folder,
    save: "",
    appendonly: "no",
    // Nodes may do what they need on their keys, and nothing else.
    user: "node on >of-the-nodes ~gc:* resetchannels +scan +getrange +set +del +hello +auth +select",
    requirepass: owner.password
  }
  const args = Object.entries(settings).flatMap(([key, value]) =>
    key === "user" ? ["--user", ...String(value).split(" ")] : [`--${key}`, String(value)]
  )
  const child = spawn("redis-server", args, { stdio: ["ignore", "pipe", "pipe"] })
  let output = ""
  child.stdout.on("data", (chunk) => (output += String(chunk)))
  child.stderr.on("data", (chunk) => (output += String(chunk)))
  await new Promise<void>((resolve, reject) => {
    child.on("error", reject)
    child.on("exit", (code) => reject(new Error(`redis-server ended with ${code}\n${output}`)))
    child.stdout.on("data", () => {
      if (output.includes("Ready to accept connections")) resolve()
    })
  })
  return child
}

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, "exit")
  child.kill("SIGKILL")
  await exited
}

const open = async (): Promise<RedisServer & { readonly close: () => Promise<void> }> => {
  const folder = mkdtempSync(join(tmpdir(), "gc-redis-"))
  const port = await freePort()
  let child = await spawnServer(port, folder)
  return {
    port,
    url: `redis://node:of-the-nodes@127.0.0.1:${port}`,
    use: (commands) =>
      Effect.promise(async () => {
        const client = await connect(port)
        return commands(client).finally(() => client.destroy())
      }),
    kill: () => end(child),
    start: async () => {
      child = await spawnServer(port, folder)
    },
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    close: async () => {
      await end(child)
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

export const redisServer = Effect.acquireRelease(Effect.promise(open), (server) => Effect.promise(() => server.close()))
