/**
 * Child processes that end: each stands in a process group of its own, has a time limit, and is killed with what it
 * started when the limit, a signal or the end of this process comes first.
 */
import { spawn } from "node:child_process"

const running = new Set()

const killGroup = (child) => {
  try {
    process.kill(-child.pid, "SIGKILL")
  } catch {
    // It has ended.
  }
}

export const killAll = () => {
  for (const child of running) killGroup(child)
}

process.once("exit", killAll)
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129]
]) {
  process.once(signal, () => process.exit(code))
}

// eslint-disable-next-line no-control-regex
const controls = /\u001b\[[0-9;?]*[A-Za-z]/g

/** The last lines, without what moves a terminal's cursor and draws over itself. */
const tail = (text) => {
  const lines = text.replace(controls, "\r").split(/[\r\n]+/)
  return lines
    .filter((line) => line.trim() !== "")
    .slice(-40)
    .join("\n")
}

/** Starts a program in the background; `output()` is what it has written, `ended` its exit code. */
export const start = (command, args, { cwd, env, stdin = "ignore" }) => {
  const child = spawn(command, args, { cwd, env, stdio: [stdin, "pipe", "pipe"], detached: true })
  running.add(child)
  let text = ""
  const watchers = new Set()
  const append = (chunk) => {
    text += chunk
    for (const watcher of watchers) watcher()
  }
  child.stdout.setEncoding("utf8").on("data", append)
  child.stderr.setEncoding("utf8").on("data", append)
  let code
  const ended = new Promise((resolve) => {
    const end = (answer) => {
      running.delete(child)
      code ??= answer
      resolve(code)
      for (const watcher of watchers) watcher()
    }
    child.on("error", (error) => {
      append(`${error.message}\n`)
      end(127)
    })
    child.on("close", (exit, signal) => end(exit ?? `ended by ${signal}`))
  })
  const line = [command, ...args].join(" ")

  /** Waits until `look` finds something in the output; the end of the program or of the time is an error. */
  const until = (what, look, seconds = 30) =>
    new Promise((resolve, reject) => {
      const settle = (finish, value) => {
        clearTimeout(timer)
        watchers.delete(watcher)
        finish(value)
      }
      const fail = (why) => settle(reject, new Error(`${line}: ${why} before ${what}\n${tail(text)}`))
      const watcher = () => {
        const found = look(text)
        if (found !== undefined && found !== null && found !== false) settle(resolve, found)
        else if (code !== undefined) fail(`it ended (${code})`)
      }
      const timer = setTimeout(() => fail(`${seconds} s passed`), seconds * 1000)
      watchers.add(watcher)
      watcher()
    })

  /** Asks it to end and answers its exit code; after `seconds` it is killed, which is an error. */
  const stop = async (signal = "SIGTERM", seconds = 15) => {
    if (code === undefined) child.kill(signal)
    return waitForEnd(seconds)
  }
  const waitForEnd = async (seconds) => {
    let timer
    const late = new Promise((resolve) => (timer = setTimeout(resolve, seconds * 1000, "late")))
    const outcome = await Promise.race([ended, late])
    clearTimeout(timer)
    if (outcome !== "late") return outcome
    killGroup(child)
    throw new Error(`${line} did not end within ${seconds} s\n${tail(text)}`)
  }
  return { child, ended, output: () => text, until, stop, waitForEnd, kill: () => killGroup(child) }
}

/** Runs a program to its end and answers what it wrote; an exit code other than 0 is an error. */
export const run = async (command, args, { cwd, env, seconds }) => {
  const program = start(command, args, { cwd, env })
  const code = await program.waitForEnd(seconds)
  if (code !== 0) throw new Error(`${[command, ...args].join(" ")} failed (${code})\n${tail(program.output())}`)
  return program.output()
}
