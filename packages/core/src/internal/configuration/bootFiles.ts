import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { ConfigurationError, type Problem, ValuesInvalid } from "../../ConfigurationError.ts"
import type { Files } from "../../Plugin.ts"
import { absolute, isExposed, readBounded } from "../files.ts"
import { told } from "./problems.ts"

/** `0644` */
export const modeText = (mode: number): string => `0${mode.toString(8).padStart(3, "0")}`

/** What is wrong with a secret's file that others can read. */
export const exposed = (key: string, path: string, mode: number): Problem => ({
  key,
  value: `${JSON.stringify(path)}, a file that others can read (mode ${modeText(mode)})`,
  expected: `one that only its owner can: run chmod 600 ${path}, and change what is in it if somebody may have seen it`
})

export const unreadable = (key: string, path: string, why: string): Problem => ({
  key,
  value: `${JSON.stringify(path)}, which cannot be read (${why})`,
  expected: "the path of a file that this process can read"
})

/** Reads the files that settings name. `source` names the configuration in errors. */
export const makeFiles = (source: string, directory: string | undefined): Files => {
  const refuse = (problem: Problem): Effect.Effect<never, ConfigurationError> =>
    Effect.fail(new ConfigurationError({ reason: new ValuesInvalid({ source, problems: told([problem]) }) }))
  const readWith = (key: string, given: string, secret: boolean): Effect.Effect<Uint8Array, ConfigurationError> =>
    Effect.suspend(() => {
      const path = absolute(given, directory)
      const file = readBounded(path)
      switch (file._tag) {
        case "Missing":
          return refuse(unreadable(key, path, "it does not exist"))
        case "Failed":
          return refuse(unreadable(key, path, file.detail))
        case "Read":
          return secret && isExposed(file.mode) ? refuse(exposed(key, path, file.mode)) : Effect.succeed(file.bytes)
      }
    })
  return {
    resolve: (path) => absolute(path, directory),
    read: (key, path) => readWith(key, path, false),
    readSecret: (key, path) => Effect.map(readWith(key, path, true), (bytes) => Redacted.make(bytes))
  }
}
