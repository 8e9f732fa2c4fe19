/**
 * stdout: what was asked for, text or one JSON object a line. stderr: logs, hints and failures.
 */
import * as Effect from "effect/Effect"
import { stopped } from "./stopping.ts"

const wantsColours = (stream: NodeJS.WriteStream): boolean => stream.isTTY && !process.env["NO_COLOR"]

/** Whether stdout is a terminal whose user has not set NO_COLOR. */
export const colours = wantsColours(process.stdout)

const painted =
  (code: number) =>
  (text: string): string =>
    colours ? `\u001b[${code}m${text}\u001b[0m` : text

/** Colours for stdout; the text itself where they are not wanted. */
export const paint = {
  bold: painted(1),
  dim: painted(2),
  red: painted(31),
  green: painted(32),
  yellow: painted(33),
  blue: painted(34),
  cyan: painted(36)
}

const drained = Effect.callback<void>((resume) => {
  const done = () => resume(Effect.void)
  process.stdout.once("drain", done)
  return Effect.sync(() => void process.stdout.off("drain", done))
})

/** Writes a line to stdout. Waits while its reader does not read, unless the program is to end. */
export const print = (line: string): Effect.Effect<void> =>
  Effect.suspend(() =>
    process.stdout.writable && !process.stdout.write(`${line}\n`) ? Effect.raceFirst(drained, stopped) : Effect.void
  )

/** Writes a value as one line of JSON. */
export const printJson = (value: unknown): Effect.Effect<void> => Effect.suspend(() => print(JSON.stringify(value)))

/** Writes a text to stderr, whoever it is from. */
export const note = (text: string): Effect.Effect<void> =>
  Effect.sync(() => void (process.stderr.writable && process.stderr.write(`${printableLines(text)}\n`)))

/**
 * A text of somebody else, fit for a terminal: control characters, which could rewrite the screen, and those that turn the
 * direction of writing are escaped.
 */
export const printable = (text: string): string =>
  text.replaceAll(
    /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
  )

/** The same of a text of several lines. */
export const printableLines = (text: string): string => text.split("\n").map(printable).join("\n")
