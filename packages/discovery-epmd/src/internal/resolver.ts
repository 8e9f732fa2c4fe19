import type * as Address from "@gc/core/Address"
import { fromHost, type NameResolver, NameResolveError } from "@gc/core/NameResolver"
import * as NodeName from "@gc/core/NodeName"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Client from "../Client.ts"
import { parse, reachable } from "./extra.ts"
import type { ResolverSettings } from "./settings.ts"

/** Asks the epmd of a name's host for the name's first half. */
export const makeNameResolver = ({ fallbackPort, port, timeout }: ResolverSettings): NameResolver => {
  const ask = Effect.fnUntraced(function* (
    name: NodeName.NodeName,
    protocols: ReadonlyArray<string>
  ): Effect.fn.Return<ReadonlyArray<Address.Address>, NameResolveError | Client.EpmdError> {
    const [basename, host] = [NodeName.basename(name), NodeName.host(name)]
    const epmd = `the epmd at ${host}:${port}`
    const unresolved = (detail: string) => new NameResolveError({ name, detail })
    const found = yield* Client.port(basename, host, { port, timeout })
    if (Option.isNone(found)) {
      return yield* unresolved(`${epmd} does not know "${basename}": is that node running, and registered there?`)
    }
    const announced = parse(Buffer.from(found.value.extra).toString("latin1"), found.value)
    if (announced === undefined) {
      return yield* unresolved(`"${basename}" at ${epmd} is no gc node: give this node another name than Erlang's`)
    }
    if (announced.name !== name) {
      return yield* unresolved(`"${basename}" at ${epmd} is ${announced.name}: use that name`)
    }
    const { protocol } = announced.address
    if (!protocols.includes(protocol)) {
      const dialed = protocols.join(", ")
      return yield* unresolved(`it listens by ${protocol}, and this node dials ${dialed}: give both one transport`)
    }
    return [reachable(announced, host)]
  })
  return {
    resolve: (name, protocols) =>
      Effect.catchTag(ask(name, protocols), "EpmdError", (error) => {
        if (fallbackPort !== undefined) return fromHost(fallbackPort).resolve(name, protocols)
        const detail = `${error.message}; or list the node with its port, such as ${name}:4370`
        return Effect.fail(new NameResolveError({ name, detail, cause: error }))
      })
  }
}
