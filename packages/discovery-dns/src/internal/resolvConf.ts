import { isIP } from "node:net"
import { refuseName, withoutDot } from "./names.ts"
import type { Server } from "./servers.ts"

/** What a resolver goes by: whom to ask, how, and under which names. */
export interface Configuration {
  readonly servers: ReadonlyArray<Server>
  readonly search: ReadonlyArray<string>
  readonly ndots: number
  /** After how many milliseconds without an answer the next server is asked; doubled each round. */
  readonly tryMillis: number
  /** How often each server is asked. */
  readonly attempts: number
  readonly rotate: boolean
}

/** What holds where nothing is said (resolv.conf(5), but for the first wait: 5 seconds would be all the time there is). */
export const defaults: Configuration = {
  servers: [{ host: "127.0.0.1", port: 53 }],
  search: [],
  ndots: 1,
  tryMillis: 1000,
  attempts: 2,
  rotate: false
}

/** The most that is used of a configuration; what is beyond is ignored, as libc does. */
export const limits = { servers: 3, search: 32, ndots: 15, tryMillis: 30_000, attempts: 5 } as const

/**
 * Reads the text of a resolv.conf(5). What it does not know, or what is wrong, it passes over; the last of several `search`
 * and `domain` lines counts. Without a nameserver it is the local one.
 */
export const parseResolvConf = (text: string): Configuration => {
  const servers: Array<Server> = []
  let search: ReadonlyArray<string> = []
  let options: Partial<Configuration> = {}
  for (const line of text.split(/\r?\n/)) {
    if (/^[;#]/.test(line)) continue
    const [keyword = "", ...values] = line.trim().split(/[ \t]+/)
    if (keyword === "nameserver" && values[0] !== undefined) {
      if (isIP(values[0]) !== 0) servers.push({ host: values[0], port: 53 })
    }
    if (keyword === "search") search = domains(values)
    if (keyword === "domain") search = domains(values.slice(0, 1))
    if (keyword === "options") options = { ...options, ...readOptions(values) }
  }
  return {
    ...defaults,
    ...options,
    servers: servers.length === 0 ? defaults.servers : servers.slice(0, limits.servers),
    search
  }
}

const domains = (values: ReadonlyArray<string>): ReadonlyArray<string> =>
  values
    .map(withoutDot)
    .filter((domain) => refuseName(domain) === undefined)
    .slice(0, limits.search)

const readOptions = (values: ReadonlyArray<string>): Partial<Configuration> => {
  let options: Partial<Configuration> = {}
  for (const value of values) {
    const [key, text = ""] = value.split(":", 2)
    const number = /^[0-9]+$/.test(text) ? Number(text) : undefined
    if (key === "rotate") options = { ...options, rotate: true }
    if (number === undefined) continue
    if (key === "ndots") options = { ...options, ndots: Math.min(number, limits.ndots) }
    if (key === "timeout") options = { ...options, tryMillis: Math.min(Math.max(number, 1) * 1000, limits.tryMillis) }
    if (key === "attempts") options = { ...options, attempts: Math.min(Math.max(number, 1), limits.attempts) }
  }
  return options
}
