/**
 * Why a configuration describes no node. Re-exported by `Configuration` and `Plugin`.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/** The file, or one that it names, cannot be read. @category errors @since 0.1.0 */
export class FileUnreadable extends Schema.TaggedError<FileUnreadable>("@gc/core/FileUnreadable")("FileUnreadable", {
  path: Schema.String,
  detail: Schema.String,
  remedy: Schema.String
}) {
  override get message(): string {
    return `${this.path} cannot be read (${this.detail}): ${this.remedy}`
  }
}

/** The file is no JSON. `line` and `column` begin with 1. @category errors @since 0.1.0 */
export class FileMalformed extends Schema.TaggedError<FileMalformed>("@gc/core/FileMalformed")("FileMalformed", {
  path: Schema.String,
  line: Schema.Finite,
  column: Schema.Finite,
  detail: Schema.String
}) {
  override get message(): string {
    return `${this.path}:${this.line}:${this.column} is no JSON: ${this.detail}`
  }
}

/**
 * One wrong value: where it stands (`discovery.dns.port`, `GC_NODE_NAME`), what it is, and what is expected. A secret's value
 * is never shown.
 *
 * @category errors
 * @since 0.1.0
 */
export const Problem = Schema.Struct({ key: Schema.String, value: Schema.String, expected: Schema.String })

/** One wrong value. @category errors @since 0.1.0 */
export type Problem = typeof Problem.Type

/** Values are wrong: all of them at once. @category errors @since 0.1.0 */
export class ValuesInvalid extends Schema.TaggedError<ValuesInvalid>("@gc/core/ValuesInvalid")("ValuesInvalid", {
  /** The file's path, or `"the environment"`. */
  source: Schema.String,
  problems: Schema.Array(Problem)
}) {
  override get message(): string {
    const lines = this.problems.map(({ expected, key, value }) => `${key} is ${value}: expected ${expected}`)
    const [only] = lines
    return only !== undefined && lines.length === 1
      ? `${this.source}: ${only}`
      : `${this.source} has ${lines.length} wrong values:\n${lines.map((line) => `  ${line}`).join("\n")}`
  }
}

/** Every reason of a `ConfigurationError`. @category errors @since 0.1.0 */
export const ConfigurationReason = Schema.Union([FileUnreadable, FileMalformed, ValuesInvalid])

/** Every reason of a `ConfigurationError`. @category errors @since 0.1.0 */
export type ConfigurationReason = typeof ConfigurationReason.Type

/** Why a configuration describes no node. @category errors @since 0.1.0 */
export class ConfigurationError extends Schema.TaggedError<ConfigurationError>("@gc/core/ConfigurationError")(
  "ConfigurationError",
  { reason: ConfigurationReason }
) {
  override get message(): string {
    return this.reason.message
  }
}
