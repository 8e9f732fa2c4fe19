import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"

/** The programs that the interop tests start, and the Debian package of each. */
const programs = {
  dnsmasq: "dnsmasq-base",
  named: "bind9",
  epmd: "erlang-base",
  erl: "erlang-base",
  elixir: "elixir",
  ip: "iproute2",
  nginx: "nginx-light",
  "redis-server": "redis-server"
}

/** Debian keeps servers where the PATH of a user who is not root does not lead. */
const serverFolders = ["/usr/sbin", "/sbin"]

const isProgram = (path) => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A PATH that leads to servers too. */
export const pathWithServers = (path = "") => {
  const folders = path.split(delimiter).filter((folder) => folder !== "")
  return [...folders, ...serverFolders.filter((folder) => !folders.includes(folder))].join(delimiter)
}

/** The programs that are not on this PATH, each with its Debian package. */
export const missingPrograms = (path) =>
  Object.entries(programs)
    .filter(([program]) => !path.split(delimiter).some((folder) => isProgram(join(folder, program))))
    .map(([program, debianPackage]) => ({ program, debianPackage }))

/** The Debian packages of these programs, each once. */
export const packagesOf = (missing) => [...new Set(missing.map(({ debianPackage }) => debianPackage))]

/** What is missing, where it comes from and what to do, for a person. */
export const describeMissing = (missing) =>
  [
    "the interop tests start programs of others, and these are not installed:",
    ...missing.map(({ debianPackage, program }) => `  ${program.padEnd(12)} from the Debian package ${debianPackage}`),
    "Install them, as root:",
    `  apt-get update && apt-get install --no-install-recommends ${packagesOf(missing).join(" ")}`,
    'Then run "npm run test:interop" again. ("npm test" needs none of them.)'
  ].join("\n")
