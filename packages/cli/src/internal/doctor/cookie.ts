import type { Configuration } from "@gc/core/Configuration"
import { existsSync } from "node:fs"
import { homedir } from "node:os"
import { failed, type Finding, ok } from "./finding.ts"
import type { Prepared } from "./prepare.ts"

/** Whether the cluster has a cookie at all: with certificates alone it needs none. */
export const needsCookie = ({ options, transports }: Configuration): boolean =>
  options.cookie !== undefined ||
  options.cookieFile !== undefined ||
  !transports.every(({ security }) => security === "mtls")

const makeOne =
  "copy the cookie of the cluster's nodes there, mode 0600, or make the first one with gcluster keygen --out"

/** Where the cookie comes from, and why an observer could not be made of it. */
export const checkCookie = ({ configuration, exposed, problem }: Prepared): Finding => {
  const { cookie, cookieFile } = configuration.options
  if (!needsCookie(configuration)) return ok("cookie", "", "none is needed: certificates prove who is who")
  if (cookie !== undefined) {
    return problem === undefined
      ? ok("cookie", configuration.source, "it is in the configuration")
      : failed("cookie", configuration.source, "cookie_wrong", problem, "correct the option cookie")
  }
  const path = cookieFile ?? `${homedir()}/.gc.cookie`
  if (problem === undefined) return ok("cookie", path, "it is there, and only its owner can read it")
  if (!existsSync(path)) {
    const first = cookieFile === undefined ? ": a node that starts makes one, which no other machine has" : ""
    return failed("cookie", path, "cookie_missing", `there is no such file${first}`, `${makeOne} ${path}`)
  }
  if (exposed !== undefined) {
    const remedy = `run chmod 600 ${path}, and change the cookie if somebody may have seen it`
    return failed("cookie", path, "cookie_exposed", `others can read it (mode ${exposed})`, remedy)
  }
  const remedy = `put "hex:" and 64 hexadecimal digits into it, mode 0600 (gcluster keygen)`
  return failed("cookie", path, "cookie_wrong", problem, remedy)
}
