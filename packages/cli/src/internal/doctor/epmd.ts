import * as Effect from "effect/Effect"
import { connect } from "node:net"
import { failed, type Finding, ok, warning } from "./finding.ts"

/** The settings of the source `epmd` that say who is asked. */
export interface Settings {
  readonly hosts?: ReadonlyArray<string> | undefined
  readonly port?: number | undefined
  readonly register?: boolean | undefined
  readonly daemon?: unknown
}

/** An answer of an epmd with 4,096 names. */
const maxAnswer = 2 ** 21
const patience = 3_000

/** The most names that are asked for. */
const maxNames = 256

/** A name that leaves while it is asked for is gone from the next listing. */
const pause = "300 millis"

const codeOf = (error: Error): string =>
  "code" in error && typeof error.code === "string" ? error.code : error.message

/** Sends one request and reads until the other end closes, as epmd does. */
const exchange = (host: string, port: number, request: Buffer): Effect.Effect<Buffer, string> =>
  Effect.callback((resume) => {
    const socket = connect({ host, port })
    const parts: Array<Buffer> = []
    let size = 0
    const fail = (why: string): void => {
      socket.destroy()
      resume(Effect.fail(why))
    }
    socket.setTimeout(patience, () => fail("ETIMEDOUT"))
    socket.on("error", (error) => fail(codeOf(error)))
    socket.on("connect", () => {
      const length = Buffer.alloc(2)
      length.writeUInt16BE(request.length)
      socket.write(Buffer.concat([length, request]))
    })
    socket.on("data", (bytes) => {
      size += bytes.length
      parts.push(bytes)
      if (size > maxAnswer) fail("it says too much for an epmd")
    })
    socket.on("end", () => {
      socket.destroy()
      resume(Effect.succeed(Buffer.concat(parts)))
    })
    return Effect.sync(() => socket.destroy())
  })

const line = /^name (.*) at port (\d+)$/
const notEpmd = "it does not answer as an epmd does"

interface Listed {
  readonly name: string
  readonly port: number
}

/** An answer begins with the port of the epmd, in four bytes; a line for each name follows. */
const namesAt = (host: string, port: number): Effect.Effect<ReadonlyArray<Listed>, string> =>
  Effect.flatMap(exchange(host, port, Buffer.from([110])), (answer) => {
    if (answer.length < 4 || answer.readUInt32BE(0) > 65_535) return Effect.fail(notEpmd)
    const lines = answer.toString("latin1", 4).split("\n")
    return Effect.succeed(
      lines
        .map((text) => line.exec(text))
        .flatMap((match) => (match === null ? [] : [{ name: match[1] ?? "", port: Number(match[2]) }]))
    )
  })

/** What epmd says of a name: nothing, or what is registered with it. */
const askFor = (host: string, port: number, name: string): Effect.Effect<string | undefined, string> =>
  Effect.map(exchange(host, port, Buffer.concat([Buffer.from([122]), Buffer.from(name, "latin1")])), (answer) =>
    answer.length > 12 && answer[0] === 119 && answer[1] === 0 ? answer.toString("latin1", 10) : undefined
  )

/** Whether an epmd is not there by intention: the first node of a host serves as one. */
export const servesItself = ({ daemon = true, hosts, register = true }: Settings, host: string): boolean =>
  daemon !== false && register && (hosts === undefined || hosts.length === 1) && /^(127\.|localhost$|::1$)/.test(host)

const unreachable = (settings: Settings, host: string, port: number, code: string): Finding => {
  const about = `${host}:${port}`
  if (code === "ECONNREFUSED" && servesItself(settings, host)) {
    const detail = "nobody listens there yet: the first node of this host serves as the epmd"
    return warning("epmd", about, "epmd_not_running", detail, "start a node, or epmd -daemon")
  }
  if (code === "ECONNREFUSED") {
    const remedy =
      'start a node there with "daemon": { "host": "0.0.0.0" }, or epmd -daemon, or correct the options hosts and port'
    return failed("epmd", about, "epmd_not_running", "nobody listens there", remedy)
  }
  if (code === notEpmd) {
    return failed(
      "epmd",
      about,
      "epmd_unreachable",
      code,
      "correct the options hosts and port: another program is there"
    )
  }
  const remedy =
    "check the options hosts and port, the firewall for that port, and that the epmd listens beyond 127.0.0.1"
  return failed("epmd", about, "epmd_unreachable", `no answer from the epmd (${code})`, remedy)
}

const stale = (about: string, { name, port }: Listed): Finding =>
  failed(
    "epmd",
    about,
    "stale_name",
    `it lists ${name} at port ${port} and does not know that name when asked: the name is gone`,
    "start that node again; when it stays so, restart the epmd: the nodes of gc register anew by themselves"
  )

const taken = (about: string, name: string): Finding =>
  failed(
    "epmd",
    about,
    "name_taken",
    `the name ${name} is registered there by a program that is not this node`,
    "give this node another name (option node), or end the other program"
  )

/** Whether each epmd answers, and whether what it lists is there. `node` is this node's name, where it has one. */
export const checkEpmd = (settings: Settings, node: string | undefined): Effect.Effect<ReadonlyArray<Finding>> => {
  const port = settings.port ?? Number(process.env["ERL_EPMD_PORT"] ?? 4369)
  const look = Effect.fnUntraced(function* (host: string) {
    const about = `${host}:${port}`
    const listed = (yield* namesAt(host, port)).slice(0, maxNames)
    const basename = node?.slice(0, node.indexOf("@"))
    const findings = yield* Effect.forEach(
      listed,
      (each) =>
        Effect.gen(function* () {
          const text = yield* askFor(host, port, each.name)
          if (text !== undefined) {
            const isOwn = each.name !== basename || node === undefined || text.includes(` ${node} `)
            return isOwn ? undefined : taken(about, each.name)
          }
          yield* Effect.sleep(pause)
          const later = yield* namesAt(host, port)
          return later.some(({ name }) => name === each.name) ? stale(about, each) : undefined
        }),
      { concurrency: 8 }
    )
    const problems = findings.filter((each) => each !== undefined)
    if (problems.length === 0)
      return [ok("epmd", about, `it lists ${listed.length} ${listed.length === 1 ? "name" : "names"}`)]
    return problems
  })
  return Effect.forEach(
    settings.hosts ?? ["127.0.0.1"],
    (host) =>
      Effect.match(look(host), {
        onFailure: (code) => [unreachable(settings, host, port, code)],
        onSuccess: (findings) => findings
      }),
    { concurrency: 8 }
  ).pipe(Effect.map((findings) => findings.flat()))
}
