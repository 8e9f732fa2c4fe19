import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as CliConfig from "effect/cli/CliConfig"
import * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import { Console } from "node:console"
import { readFileSync } from "node:fs"
import { gcluster } from "../commands/gcluster.ts"
import { CliFailure, exitCodes } from "./failure.ts"
import { colours, printableLines } from "./output.ts"
import * as services from "./services.ts"
import { exitCodeOf, isUnwritable, type Reason, watchStops } from "./stopping.ts"

/** How long the last lines may take to whoever reads them, in milliseconds. */
const flushPatience = 1_000

const complain = (text: string): void => void (process.stderr.writable && process.stderr.write(`${text}\n`))

const version = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))
  return String((manifest as { readonly version?: unknown }).version)
}

const formatter = CliOutput.defaultFormatter({ colors: colours, inheritedFlags: "none", globalFlags: "summary" })

const write = (text: string) => Effect.sync(() => void process.stdout.write(`${text}\n`))

/** Wrong usage goes to stderr, and points to the help instead of printing all of it. */
const presenter: CliOutput.Presenter = {
  present: (event) => {
    switch (event._tag) {
      case "Help":
        return write(formatter.formatHelpDoc(event.helpDoc))
      case "Version":
        return write(`${event.name} ${event.version}`)
      case "InvalidInvocation":
        return Effect.sync(() => {
          for (const error of event.errors) complain(`gcluster: ${formatter.formatCliError(error)}`)
          complain(`Usage: ${event.helpDoc.usage}\nSee "${event.commandPath.join(" ")} --help".`)
        })
    }
  }
}

const environment = Layer.mergeAll(
  services.layer,
  CliConfig.layer({
    builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions, GlobalFlag.LogLevel]
  }),
  CliOutput.layer(formatter),
  CliOutput.layerPresenter(presenter),
  // One line an entry, where a program or a file reads it.
  process.stderr.isTTY
    ? Layer.succeed(Logger.LogToStderr, true)
    : Logger.layer([Logger.withConsoleError(Logger.formatLogFmt)])
)

const codeOfFailure = (cause: Cause.Cause<unknown>): number => {
  const error = Cause.squash(cause)
  if (error instanceof CliFailure) {
    if (error.message !== "") complain(`gcluster: ${printableLines(error.message)}`)
    return error.exitCode
  }
  if (CliError.isCliError(error)) {
    return error._tag === "ShowHelp" && error.errors.length === 0 ? 0 : exitCodes.usage
  }
  complain(`gcluster: this is a defect of gcluster, please report it:\n${Cause.pretty(cause)}`)
  return exitCodes.failed
}

const flush = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((done) => {
    if (stream.writable) stream.write("", () => done())
    else done()
    setTimeout(done, flushPatience)
  })

/** stdout is for what was asked: a plugin that logs must not get in between. */
const keepStdout = (): void => {
  const { debug, dir, info, log, table } = new Console(process.stderr)
  Object.assign(console, { debug, dir, info, log, table })
}

/** Runs the command of these arguments, and ends the process with its exit code. */
export const main = (args: ReadonlyArray<string>): void => {
  let interruptedBy: Reason | undefined
  // effect/cli prints completions by the console.
  if (!args.some((arg) => arg.startsWith("--completions"))) keepStdout()
  // Otherwise Node would end with 0 when the command waits for nothing that Node knows of.
  setInterval(() => {}, 2 ** 30)
  const fiber = Effect.runFork(
    Command.runWith(gcluster, { version: version() })(args).pipe(Effect.provide(environment))
  )
  watchStops((why) => {
    interruptedBy = why
    Effect.runFork(Fiber.interrupt(fiber))
  })
  fiber.addObserver((exit) => {
    const code =
      interruptedBy !== undefined ? exitCodeOf(interruptedBy) : Exit.isSuccess(exit) ? 0 : codeOfFailure(exit.cause)
    void Promise.all([flush(process.stdout), flush(process.stderr)]).then(() =>
      // That the last lines got lost is told behind their callbacks.
      setImmediate(() => process.exit(isUnwritable() ? exitCodes.failed : code))
    )
  })
}
