import * as Result from "effect/Result"
import { isIP } from "node:net"
import { literal } from "./names.ts"

/** Where a server of names is asked, over UDP and TCP. */
export interface Server {
  /** An address, an IPv6 one without brackets and perhaps with a zone: never a name. */
  readonly host: string
  readonly port: number
}

/** @internal */
export const aServer = "an IP address with or without a port, such as 10.0.0.2, 10.0.0.2:5353 or [::1]:5353"

const shape = /^(\[[^\]]*\]|[^:[\]]*)(?::([0-9]{1,5}))?$/

/** Reads `10.0.0.2`, `10.0.0.2:53`, `::1`, `[::1]:5353`; the port is 53 by default. A refusal completes *expected …*. */
export const parseServer = (text: string): Result.Result<Server, string> => {
  if (isIP(text) !== 0) return Result.succeed({ host: text, port: 53 })
  const [whole, hostText = "", portText = "53"] = shape.exec(text) ?? []
  const host = literal(hostText)
  const port = Number(portText)
  if (whole === undefined || host === undefined || port < 1 || port > 65_535) return Result.fail(aServer)
  return Result.succeed({ host, port })
}

/** As it is read: `10.0.0.2:53`, `[::1]:5353`. */
export const formatServer = ({ host, port }: Server): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`
