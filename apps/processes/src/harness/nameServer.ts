/**
 * A name server whose one domain has the nodes as its services: real, where dnsmasq is installed, and otherwise as short as one can be.
 */
import { decode, encode, type SrvAnswer, type StringAnswer } from "dns-packet"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { spawn, spawnSync } from "node:child_process"
import { createSocket, type Socket } from "node:dgram"
import { HarnessError, type Seat } from "./seats.ts"

/** The services. */
const domain = "_gc._tcp.nodes.test"

/** The program of Debian's dnsmasq-base. */
const program = "dnsmasq"

/** A server of names on loopback, which can die and return at its port. */
export interface NameServer {
  /** What serves. */
  readonly program: string
  readonly finding: { readonly by: "dns"; readonly domain: string; readonly server: string }
  /** Serves these nodes, and answers; until it is killed, or the scope closes. */
  readonly serve: (seats: ReadonlyArray<Seat>) => Effect.Effect<void, HarnessError>
  /** It is gone without a word. */
  readonly kill: Effect.Effect<void>
}

type Serve = (port: number, seats: ReadonlyArray<Seat>) => Effect.Effect<void, HarnessError, Scope.Scope>

const targetOf = (index: number): string => `n${index + 1}.nodes.test`

/** A UDP port of loopback where nobody listens now. */
export const freeUdpPort: Effect.Effect<number, HarnessError> = Effect.callback((resume) => {
  const socket = createSocket("udp4")
  socket.once("error", (error) => resume(Effect.fail(new HarnessError({ what: `no free UDP port: ${error.message}` }))))
  socket.bind(0, "127.0.0.1", () => {
    const { port } = socket.address()
    socket.close(() => resume(Effect.succeed(port)))
  })
})

const answerTo = (bytes: Buffer, seats: ReadonlyArray<Seat>): Buffer => {
  const { id = 0, questions = [] } = decode(bytes)
  const services = seats.map(({ port }, index): SrvAnswer => ({
    type: "SRV",
    name: domain,
    ttl: 0,
    data: { target: targetOf(index), port }
  }))
  const addresses = seats.map(({ host }, index): StringAnswer => ({
    type: "A",
    name: targetOf(index),
    ttl: 0,
    data: host
  }))
  const [asked] = questions
  const answers = [...services, ...addresses].filter(({ name, type }) => name === asked?.name && type === asked.type)
  return encode({ type: "response", id, questions, answers, additionals: asked?.type === "SRV" ? addresses : [] })
}

const scripted: Serve = (port, seats) =>
  Effect.asVoid(
    Effect.acquireRelease(
      Effect.callback<Socket, HarnessError>((resume) => {
        const socket = createSocket("udp4")
        const failed = (error: Error) =>
          resume(Effect.fail(new HarnessError({ what: `name server: ${error.message}` })))
        socket.once("error", failed)
        socket.on("message", (bytes, from) => socket.send(answerTo(bytes, seats), from.port, from.address))
        socket.bind(port, "127.0.0.1", () => resume(Effect.succeed(socket)))
      }),
      (socket) => Effect.sync(() => socket.close())
    )
  )

const dnsmasq: Serve = Effect.fnUntraced(function* (port, seats) {
  const args = [
    "--keep-in-foreground",
    "--conf-file=/dev/null",
    "--pid-file=",
    "--no-resolv",
    "--no-hosts",
    "--local=/test/",
    "--listen-address=127.0.0.1",
    "--bind-interfaces",
    `--port=${port}`,
    ...(process.getuid?.() === 0 ? ["--user=root"] : []),
    ...seats.map((seat, index) => `--srv-host=${domain},${targetOf(index)},${seat.port}`),
    ...seats.map(({ host }, index) => `--host-record=${targetOf(index)},${host}`)
  ]
  yield* Effect.acquireRelease(
    Effect.sync(() => {
      const child = spawn(program, args, { stdio: "ignore" })
      const kill = () => void child.kill("SIGKILL")
      const ended = new Promise<void>((resolve) => child.once("close", () => resolve()).once("error", () => resolve()))
      process.on("exit", kill)
      return { ended, kill }
    }),
    ({ ended, kill }) =>
      Effect.promise(() => {
        kill()
        process.off("exit", kill)
        return ended
      })
  )
  yield* answering(port).pipe(
    Effect.timeoutOrElse({
      duration: "20 seconds",
      orElse: () => Effect.fail(new HarnessError({ what: `dnsmasq does not answer at 127.0.0.1:${port}` }))
    })
  )
})

/** Asks until somebody answers. */
const answering = (port: number): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const socket = createSocket("udp4")
    const question = encode({ type: "query", id: 1, questions: [{ type: "SRV", name: domain }] })
    const timer = setInterval(() => socket.send(question, port, "127.0.0.1"), 20)
    socket.on("error", () => {})
    socket.once("message", () => resume(close))
    const close = Effect.sync(() => {
      clearInterval(timer)
      socket.close()
    })
    return close
  })

/** Whether dnsmasq is here, and which. */
const version = (): string | undefined =>
  /^Dnsmasq version \S+/.exec(spawnSync(program, ["--version"], { encoding: "utf8" }).stdout ?? "")?.[0]

/** A server that does not serve yet. */
export const makeNameServer = Effect.fnUntraced(function* (
  kind: "real" | "scripted"
): Effect.fn.Return<NameServer, HarnessError, Scope.Scope> {
  const real = kind === "real" ? version() : undefined
  const port = yield* freeUdpPort
  const outer = yield* Effect.scope
  let life: Scope.Closeable | undefined
  return {
    program: real ?? "a scripted server",
    finding: { by: "dns", domain, server: `127.0.0.1:${port}` },
    serve: Effect.fnUntraced(function* (seats) {
      life = yield* Scope.fork(outer)
      yield* Scope.provide((real === undefined ? scripted : dnsmasq)(port, seats), life)
    }),
    kill: Effect.suspend(() => (life === undefined ? Effect.void : Scope.close(life, Exit.void)))
  }
})
