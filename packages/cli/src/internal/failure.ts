/**
 * Why a command ends with another exit code than 0.
 */
import * as Schema from "effect/Schema"

/**
 * What the shell is told. Beyond these: 128 and the number of the signal, when a signal ended the program before it was done.
 */
export const exitCodes = {
  /** What was asked for failed, or `doctor` found a problem. */
  failed: 1,
  /** A command, a flag or an argument is wrong. */
  usage: 2,
  /** The configuration is wrong or cannot be read. */
  configuration: 3,
  /** There is no configuration, so nothing was started. */
  nothingConfigured: 4,
  /** A package that the configuration names is not installed, or is no plugin. */
  package: 5
} as const

export type FailureKind = keyof typeof exitCodes

/** A command failed; the message says what to do. An empty one was told already. */
export class CliFailure extends Schema.TaggedError<CliFailure>("@gc/cli/CliFailure")("CliFailure", {
  kind: Schema.Literals(["failed", "usage", "configuration", "nothingConfigured", "package"]),
  message: Schema.String
}) {
  get exitCode(): number {
    return exitCodes[this.kind]
  }
}

/** A failure with a message of one or more lines. */
export const failure = (kind: FailureKind, message: string): CliFailure => new CliFailure({ kind, message })

/** What an error says, wherever it is from. */
export const messageOf = (error: unknown): string =>
  error instanceof Error && error.message !== "" ? error.message : String(error)
