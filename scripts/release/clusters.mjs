/** Clusters of processes that run what was installed. */
import { join } from "node:path"
import { run, start } from "./bounded.mjs"
import { freePort } from "./registry.mjs"

const records = (text) =>
  text.split("\n").flatMap((line) => {
    if (!line.startsWith("{")) return []
    try {
      return [JSON.parse(line)]
    } catch {
      return []
    }
  })

const find =
  (event, accept = () => true) =>
  (text) =>
    records(text).find((record) => record.event === event && accept(record))

const ended = async (nodes, signal) => {
  const codes = await Promise.all(nodes.map((node) => node.stop(signal)))
  const bad = nodes.filter((_, index) => codes[index] !== 0)
  if (bad.length > 0) throw new Error(`a node ended with ${codes.join(", ")}\n${bad[0].output()}`)
}

/** Three processes: one, and two that are told of the first only. Each hears the others, then all leave. */
export const threeNodes = async (folder, env) => {
  const began = Date.now()
  const node = (...args) => start("node", [join("dist", "node.js"), ...args], { cwd: folder, env })
  const first = node("a")
  const nodes = [first]
  try {
    const { addresses } = await first.until("it listens", find("listening"))
    nodes.push(node("b", addresses[0]), node("c", addresses[0]))
    const formed = await Promise.all(nodes.map((one) => one.until("three are members", find("formed"))))
    for (const [index, own] of ["a", "b", "c"].entries()) {
      for (const other of ["a", "b", "c"].filter((name) => name !== own)) {
        const from = `${other}@127.0.0.1`
        await nodes[index].until(
          `it heard ${from}`,
          find("heard", (record) => record.from === from)
        )
      }
    }
    await ended(nodes, "SIGTERM")
    for (const one of nodes) await one.until("it left", find("left"))
    return { members: formed[0].members, seconds: (Date.now() - began) / 1000 }
  } finally {
    for (const one of nodes) one.kill()
  }
}

/** `gcluster try` twice, with an epmd of their own: what is typed in one appears in the other. */
export const tryTwice = async (folder, clients) => {
  const began = Date.now()
  const env = { ...clients, ERL_EPMD_PORT: String(await freePort()) }
  const program = join(folder, "node_modules", ".bin", "gcluster")
  const attempt = () => start(program, ["try", "--json"], { cwd: folder, env, stdin: "pipe" })
  const nodes = [attempt()]
  try {
    const { node: first } = await nodes[0].until("it started", find("started"))
    nodes.push(attempt())
    const { node: second } = await nodes[1].until("it started", find("started"))
    await nodes[0].until(
      `${second} is up`,
      find("up", (record) => record.node === second)
    )
    nodes[0].child.stdin.write("hello\n")
    await nodes[1].until(
      `${first} said hello`,
      find("message", (record) => record.node === first && record.text === "hello")
    )
    await ended(nodes, "SIGINT")
    return { members: [first, second], seconds: (Date.now() - began) / 1000 }
  } finally {
    for (const one of nodes) one.kill()
  }
}

/** What a package keeps for itself cannot be imported. */
export const internalsAreClosed = async (folder, env) => {
  const specifier = "@gc/core/internal/engine"
  const code = `import(${JSON.stringify(specifier)}).then(() => console.log("open"), (e) => console.log(e.code))`
  const answer = await run("node", ["-e", code], { cwd: folder, env, seconds: 30 })
  if (!answer.includes("ERR_PACKAGE_PATH_NOT_EXPORTED")) throw new Error(`${specifier} answers ${answer.trim()}`)
}
