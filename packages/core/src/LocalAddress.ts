/**
 * The addresses of this machine, for transports that must advertise one.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import { networkInterfaces } from "node:os"

/**
 * The first address of this machine that others can reach: not loopback, not link-local; IPv4 before IPv6.
 *
 * @category accessors
 * @since 0.1.0
 */
export const firstExternal = (): Option.Option<string> => {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const usable = all.filter((entry) => !entry.internal && !/^(fe[89ab][0-9a-f]:|169\.254\.)/i.test(entry.address))
  const chosen = usable.find((entry) => entry.family === "IPv4") ?? usable[0]
  return Option.map(Option.fromUndefinedOr(chosen), (entry) => entry.address)
}
