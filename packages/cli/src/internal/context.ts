/**
 * The configuration that a command works on.
 */
import type { Configuration, ConfigurationError } from "@gc/core/Configuration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { existsSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { type CliFailure, failure } from "./failure.ts"
import { note } from "./output.ts"
import { loadNamed, type Places } from "./plugins.ts"

/** Where the configuration is looked for. */
export interface Place {
  /** Absolute. */
  readonly path: string
  /** Whether somebody named it; else it is `gc.json` in the working directory. */
  readonly named: boolean
  readonly exists: boolean
}

/** The file that the flag `--config` names, or GC_CONFIG, or `gc.json`. */
export const placeOf = (flag: Option.Option<string>): Place => {
  const given = Option.getOrElse(flag, () => process.env["GC_CONFIG"] ?? "")
  const path = resolve(given === "" ? "gc.json" : given)
  return { path, named: given !== "", exists: existsSync(path) }
}

/** Where the packages of a configuration are looked for. */
export const placesOf = (place: Place): Places => ({ file: dirname(place.path), working: process.cwd() })

/** Reads a configuration, with what is wrong as data; `None` where nothing is configured. */
export const readPlace = Effect.fnUntraced(function* (
  place: Place
): Effect.fn.Return<Option.Option<Configuration>, CliFailure | ConfigurationError> {
  if (place.named && !place.exists) return Option.none()
  const Configuration = yield* Effect.promise(() => import("@gc/core/Configuration"))
  const named = yield* Configuration.named(place.path)
  if (named.empty) return Option.none()
  return yield* Configuration.read(place.path, yield* loadNamed(named, placesOf(place)))
})

/** A configuration that is wrong. */
export const wrong = (error: ConfigurationError): CliFailure => failure("configuration", error.message)

/** Why nothing is configured, and what to do. */
export const nothing = ({ exists, named, path }: Place): CliFailure => {
  const why = exists
    ? `${path} is empty`
    : named
      ? `there is no file ${path}`
      : `there is no file ${path}, and no variable such as GC_CLUSTER is set`
  return failure(
    "nothingConfigured",
    `nothing is configured, so nothing is started: ${why}. The smallest file is { "cluster": "orders" }; "gcluster try" needs none.`
  )
}

/**
 * Reads and decodes the configuration, with only the packages loaded that it names; fails where nothing is configured. Its
 * warnings go to stderr.
 */
export const requireConfiguration = Effect.fnUntraced(function* (
  file: Option.Option<string>
): Effect.fn.Return<Configuration, CliFailure> {
  const place = placeOf(file)
  const found = yield* Effect.catchTag(readPlace(place), "ConfigurationError", wrong)
  if (Option.isNone(found)) return yield* nothing(place)
  for (const warning of found.value.warnings) yield* note(`warning: ${warning}`)
  return found.value
})
