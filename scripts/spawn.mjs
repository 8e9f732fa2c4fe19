import { spawn } from "node:child_process"

const forwarded = ["SIGINT", "SIGTERM", "SIGHUP"]
/** npm passes a terminal's Ctrl-C on to a script that has already received it; both are one wish to stop. */
const echoMillis = 500
/** A killed npm takes its shell along and tells nobody else. */
const orphanCheckMillis = 250

/**
 * Runs a program to its end and answers its exit code, 128 + n when signal n ended it. Signals sent to this
 * process go to the program, and this process waits for it. When the process that started this one goes away, the
 * program is asked to end.
 *
 * With `ownGroup` the program stands in its own process group, so a Ctrl-C reaches it exactly once, from here.
 * With `capture` its output is held back and answered as `output`.
 */
export const run = (command, args, { cwd, env, stdio = "inherit", ownGroup = false, capture = false } = {}) =>
  new Promise((resolve, reject) => {
    const windows = process.platform === "win32"
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: capture ? ["ignore", "pipe", "pipe"] : stdio,
      detached: ownGroup && !windows,
      shell: windows
    })
    let output = ""
    if (capture) for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk))

    const last = new Map()
    const listeners = forwarded.map((signal) => {
      const listener = () => {
        const now = Date.now()
        if (now - (last.get(signal) ?? -Infinity) < echoMillis) return
        last.set(signal, now)
        child.kill(signal)
      }
      process.on(signal, listener)
      return () => process.off(signal, listener)
    })
    const parent = process.ppid
    const orphanCheck = setInterval(() => {
      if (process.ppid === parent) return
      clearInterval(orphanCheck)
      child.kill("SIGTERM")
    }, orphanCheckMillis)
    const settle = () => {
      clearInterval(orphanCheck)
      for (const remove of listeners) remove()
    }

    child.on("error", (error) => {
      settle()
      reject(error.code === "ENOENT" ? new Error(`${command} was not found: run "npm run setup"`) : error)
    })
    child.on("close", (code, signal) => {
      settle()
      resolve({ code: code ?? 128 + (signalNumbers[signal] ?? 0), output })
    })
  })

const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }
