import type { LookFailed } from "@gc/core/Discovery"
import * as Effect from "effect/Effect"
import type { Answer } from "../Resolver.ts"
import { literal } from "./names.ts"
import { all, type Ask, leastTtl, type Placed } from "./places.ts"

type Family = "A" | "AAAA"

/**
 * Where the targets of SRV records are. As host names: the targets. As addresses: those that came along in the additional
 * section, and for what is absent there its own question. When any target came with an IPv6 address, one without is asked for it:
 * a server leaves out of that section what does not fit.
 */
export const targetsOf = Effect.fnUntraced(function* (
  { additional, records, ttl }: Answer<"SRV">,
  hostType: "ip" | "hostname",
  ask: Ask
): Effect.fn.Return<Placed, LookFailed> {
  const services = records.filter(({ target }) => target !== "")
  if (hostType === "hostname") {
    return { places: services.map(({ port, target }) => ({ host: target, port })), ttl }
  }
  const targets = new Set(services.map(({ target }) => target))
  const known = new Map<string, Map<Family, Array<string>>>()
  const families = new Set<Family>()
  for (const { address, name, type } of additional) {
    if (!targets.has(name)) continue
    families.add(type)
    const addresses = known.get(name) ?? new Map<Family, Array<string>>()
    addresses.set(type, [...(addresses.get(type) ?? []), address])
    known.set(name, addresses)
  }
  const wanted: ReadonlyArray<Family> = families.size === 0 ? ["A", "AAAA"] : [...families]
  const found = yield* all([...targets], (target) => {
    // RFC 2782 wants a name here; asked for as one nobody knows it, and a peer that is there would be left out.
    if (literal(target) !== undefined) return Effect.succeed({ target, hosts: [target], ttl: undefined })
    const addresses = known.get(target)
    const came = [...(addresses?.values() ?? [])].flat()
    const absent = wanted.filter((family) => addresses?.has(family) !== true)
    if (absent.length === 0) return Effect.succeed({ target, hosts: came, ttl: undefined })
    return Effect.map(ask(`${target}.`, absent), (answers) => ({
      target,
      hosts: [...came, ...answers.flatMap((answer) => answer.records.filter((each) => typeof each === "string"))],
      ttl: leastTtl(answers)
    }))
  })
  const hosts = new Map(found.map((each) => [each.target, each.hosts]))
  return {
    places: services.flatMap(({ port, target }) => (hosts.get(target) ?? []).map((host) => ({ host, port }))),
    ttl: leastTtl([{ ttl }, ...additional.filter(({ name }) => targets.has(name)), ...found])
  }
})
