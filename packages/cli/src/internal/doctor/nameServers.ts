import type { DiscoveryCode } from "@gc/core/Discovery"
import * as Effect from "effect/Effect"
import { Resolver } from "node:dns/promises"
import { readFileSync } from "node:fs"
import { isIP } from "node:net"
import { type Finding, ok, warning } from "./finding.ts"

/** The settings of the source `dns` that say who is asked. */
export interface Settings {
  readonly domain: string | ReadonlyArray<string>
  readonly type?: string | ReadonlyArray<string> | undefined
  readonly servers?: ReadonlyArray<string> | undefined
  readonly search?: ReadonlyArray<string> | undefined
  readonly resolvConf?: string | undefined
}

/** One question, in milliseconds, and all of them to one server. */
const patience = 1_000
const timeout = "4 seconds"

/** Answers that a server gives when it knows that there is nothing. */
const answers: ReadonlySet<string> = new Set(["ENOTFOUND", "ENODATA"])

/** The words are those of the source's own errors. */
const verdicts: Readonly<Record<string, readonly [reason: DiscoveryCode, detail: string, remedy: string]>> = {
  ESERVFAIL: [
    "servfail",
    "SERVFAIL: it could not find out",
    "see that server's log, and whether it reaches the servers of the zone"
  ],
  EREFUSED: [
    "dns_refused",
    "REFUSED: it does not serve this name, or not this machine",
    "name a server that does (option servers)"
  ],
  ECONNREFUSED: [
    "unreachable",
    "nobody listens there",
    "start the name server, or correct the option servers or resolv.conf"
  ],
  ETIMEOUT: ["no_answer", "no answer", "let UDP and TCP port 53 through, or correct the option servers or resolv.conf"]
}

const list = (value: string | ReadonlyArray<string>): ReadonlyArray<string> =>
  typeof value === "string" ? [value] : value

interface Asked {
  readonly servers: ReadonlyArray<string>
  readonly search: ReadonlyArray<string>
}

const fromFile = (path: string): Asked => {
  let text = ""
  try {
    text = readFileSync(path, "utf8")
  } catch {
    return { servers: [], search: [] }
  }
  const lines = text.split("\n").map((line) => line.trim().split(/\s+/))
  const servers = lines.flatMap(([word, server = ""]) => (word === "nameserver" && isIP(server) > 0 ? [server] : []))
  const search = lines.findLast(([word]) => word === "search" || word === "domain")?.slice(1) ?? []
  return { servers: [...new Set(servers)].slice(0, 16), search: search.slice(0, 32) }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "EUNKNOWN"

/** The names that a source would ask for, the shortest list that tells whether a server serves. */
const namesOf = (domain: string, search: ReadonlyArray<string>): ReadonlyArray<string> =>
  domain.endsWith(".") ? [domain.slice(0, -1)] : [domain, ...search.map((suffix) => `${domain}.${suffix}`)].slice(0, 8)

const askServer = async (server: string, names: ReadonlyArray<string>, type: string): Promise<string | undefined> => {
  const resolver = new Resolver({ timeout: patience, tries: 1 })
  resolver.setServers([server])
  let problem: string | undefined
  for (const name of names) {
    try {
      await resolver.resolve(name, type)
      return undefined
    } catch (error) {
      const code = codeOf(error)
      if (answers.has(code)) return undefined
      problem = code
      if (code === "ETIMEOUT" || code === "ECONNREFUSED") return code
    }
  }
  return problem
}

/** Asks each name server alone: with several, one that is out of order shows only as slowness. */
export const checkNameServers = (settings: Settings): Effect.Effect<ReadonlyArray<Finding>> => {
  const file = fromFile(settings.resolvConf ?? "/etc/resolv.conf")
  const servers = settings.servers ?? file.servers
  const search = settings.search ?? (settings.servers === undefined ? file.search : [])
  const [domain = ""] = list(settings.domain).filter((each) => isIP(each) === 0)
  const [type = "A"] = settings.type === undefined ? [] : list(settings.type)
  if (domain === "") return Effect.succeed([])
  const names = namesOf(domain, search)
  return Effect.forEach(
    servers,
    (server) =>
      Effect.promise(() => askServer(server, names, type)).pipe(
        Effect.timeoutOrElse({ duration: timeout, orElse: () => Effect.succeed("ETIMEOUT") }),
        Effect.map((code) => {
          if (code === undefined) return ok("dns", server, `it answers for ${domain}`)
          const [reason, detail, remedy] = verdicts[code] ?? ["server_failed", code, "see that server's log"]
          return warning("dns", server, reason, `${detail} (asked for ${domain})`, remedy)
        })
      ),
    { concurrency: 8 }
  )
}
