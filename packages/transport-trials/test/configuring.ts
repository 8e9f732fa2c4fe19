/** Nodes out of configuration files. */
import * as Configuration from "@gc/core/Configuration"
import type { ConfigurationError } from "@gc/core/Plugin"
import * as Transport from "@gc/core/Transport"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Kit } from "./kit.ts"
import { fixture } from "./security.ts"

/** The entry `tls` of `nodeFiles`. */
export const files = { certFile: "node.pem", keyFile: "node.key", caFile: "ca.pem" }

/** What a file says whose transport is this one, beside these other files. */
export const configured = Effect.fnUntraced(function* (
  kit: Kit,
  entry: object,
  beside: Readonly<Record<string, string>> = {}
) {
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "gc-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true }))
  )
  for (const [name, text] of Object.entries(beside)) writeFileSync(join(folder, name), text, { mode: 0o600 })
  if ("open.key" in beside) chmodSync(join(folder, "open.key"), 0o644)
  writeFileSync(join(folder, "gc.json"), JSON.stringify({ cluster: "test", transport: { [kit.name]: entry } }))
  return Option.getOrThrow(yield* Configuration.read(join(folder, "gc.json"), { transport: [kit.plugin] }))
})

export const transportOf = ({ transports: [only] }: Configuration.Configuration) =>
  only === undefined
    ? Effect.die("no transport")
    : Effect.map(Layer.build(only.layer), (services) => Context.get(services, Transport.Transport))

/** Every wrong value of a configuration, in words. */
export const problems = <A, R>(read: Effect.Effect<A, ConfigurationError, R>) =>
  Effect.map(Effect.flip(read), ({ reason }) =>
    reason._tag === "ValuesInvalid"
      ? reason.problems.map(({ expected, key, value }) => `${key} is ${value}: expected ${expected}`)
      : [reason.message]
  )

/** The files of a node with this certificate. */
export const nodeFiles = (name: string, ca = "ca") => ({
  "node.pem": fixture(`${name}.pem`),
  "node.key": fixture(`${name}.key`),
  "ca.pem": fixture(`${ca}.pem`)
})
