import type { Configuration, ConfiguredTransport } from "@gc/core/Configuration"
import { readFileSync } from "node:fs"
import { homedir } from "node:os"
import { dirname, resolve } from "node:path"
import type { Material } from "./certificates.ts"
import { failed, type Finding, messageOf } from "./finding.ts"

const files = ["certFile", "keyFile", "caFile"] as const

const textOf = (value: unknown, key: string): string | undefined => {
  if (typeof value !== "object" || value === null || !(key in value)) return undefined
  const found = (value as Readonly<Record<string, unknown>>)[key]
  return typeof found === "string" ? found : undefined
}

/** As a configuration names files: from the home, or beside the configuration file. */
const placed = (path: string, source: string): string =>
  path.startsWith("~/")
    ? resolve(homedir(), path.slice(2))
    : resolve(source.startsWith("/") ? dirname(source) : ".", path)

/**
 * The certificates of a transport whose settings name them as those of `tcp` do: `tls.certFile`, `tls.keyFile`, `tls.caFile`;
 * `undefined` for any other, and a finding when one of the files cannot be read.
 */
export const materialOf = (
  { options, source }: Configuration,
  { key, settings }: ConfiguredTransport
): Material | Finding | undefined => {
  const tls =
    typeof settings === "object" && settings !== null && "tls" in settings ? (settings.tls as unknown) : undefined
  const [certFile, keyFile, caFile] = files.map((name) => textOf(tls, name))
  if (certFile === undefined || keyFile === undefined || caFile === undefined) return undefined
  const read = new Map<string, string>()
  for (const [name, path] of [
    ["certFile", certFile],
    ["keyFile", keyFile],
    ["caFile", caFile]
  ] as const) {
    const place = placed(path, source)
    try {
      read.set(name, readFileSync(place, "utf8"))
    } catch (error) {
      const remedy = `put the file there, or correct transport.${key}.tls.${name}`
      return failed("tls", place, "file_unreadable", `it cannot be read (${messageOf(error)})`, remedy)
    }
  }
  return {
    certFile: placed(certFile, source),
    keyFile: placed(keyFile, source),
    caFile: placed(caFile, source),
    cert: read.get("certFile") ?? "",
    key: read.get("keyFile") ?? "",
    ca: read.get("caFile") ?? "",
    node: options.node
  }
}
