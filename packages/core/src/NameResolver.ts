/**
 * From a node name to addresses, for peers that discovery knows by name only.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Address from "./Address.ts"
import * as NodeName from "./NodeName.ts"

/**
 * The port that a name without one means.
 *
 * @category constants
 * @since 0.1.0
 */
export const defaultPort = 4370

/**
 * The name has no address now: asked again at the next dial.
 *
 * @category errors
 * @since 0.1.0
 */
export class NameResolveError extends Schema.TaggedError<NameResolveError>("@gc/core/NameResolveError")(
  "NameResolveError",
  { name: Schema.String, detail: Schema.String, cause: Schema.optionalKey(Schema.Defect()) }
) {
  override get message(): string {
    return `no address for ${this.name}: ${this.detail}`
  }
}

/** What a resolver does: the addresses of a name, best first, asked at each dial. @category models @since 0.1.0 */
export interface NameResolver {
  readonly resolve: (
    name: NodeName.NodeName,
    protocols: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyArray<Address.Address>, NameResolveError>
}

/**
 * The resolver in use. The default takes the name's host and port 4370, with each protocol of the node's transport;
 * discovery packages (epmd) supply others.
 *
 * @category references
 * @since 0.1.0
 */
export const NameResolver: Context.Reference<NameResolver> = Context.Reference("@gc/core/NameResolver", {
  defaultValue: () => fromHost(defaultPort)
})

/**
 * A resolver that takes the name's host and one fixed port, with each protocol of the node's transport.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromHost = (port: number): NameResolver => ({
  resolve: (name, protocols) =>
    Effect.forEach(protocols, (protocol) => {
      const text = Address.format({ protocol, host: NodeName.host(name), port, path: "" })
      return Effect.mapError(Effect.fromResult(Address.parse(text)), (detail) => new NameResolveError({ name, detail }))
    })
})
