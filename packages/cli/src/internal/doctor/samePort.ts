import { isUnspecified } from "@gc/core/Address"
import type { Configuration, ConfiguredTransport } from "@gc/core/Configuration"
import { defaultPort } from "@gc/core/NameResolver"
import { failed, type Finding } from "./finding.ts"

/** Where a transport of gc's own binds; `undefined` host: every interface. */
interface Place {
  readonly key: string
  readonly host: string | undefined
  readonly port: number
}

const known: ReadonlySet<string> = new Set(["tcp", "ws"])

const placeOf = ({ key, security, settings }: ConfiguredTransport, allowPlaintext: boolean): ReadonlyArray<Place> => {
  if (!known.has(key) || typeof settings !== "object" || settings === null) return []
  const { host, port = defaultPort } = settings as { readonly host?: unknown; readonly port?: unknown }
  if (typeof port !== "number" || port === 0) return []
  const usual = security === "plain" && !allowPlaintext ? "127.0.0.1" : undefined
  const given = typeof host === "string" ? host : usual
  return [{ key, port, host: given === undefined || isUnspecified(given) ? undefined : given }]
}

const meets = (one: Place, other: Place): boolean =>
  one.port === other.port && (one.host === undefined || other.host === undefined || one.host === other.host)

/** Whether two transports are to listen at one port: each alone could, and the node does not start. */
export const checkSamePort = ({ options, transports }: Configuration): ReadonlyArray<Finding> => {
  const places = transports.flatMap((entry) => placeOf(entry, options.allowPlaintext ?? false))
  return places.flatMap((place, index) => {
    const other = places.slice(0, index).find((each) => meets(each, place))
    if (other === undefined) return []
    const detail = `transport.${other.key} is to listen at port ${place.port}, too`
    return [failed("listen", `transport.${place.key}`, "port_twice", detail, "give one of the two another port")]
  })
}
