/**
 * Which node: `basename@host`, unique in its cluster.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as names from "./protocol/names.ts"

/**
 * The schema of a canonical node name: printable ASCII, at most 255 bytes, one `@`, the host in lower case.
 *
 * @category schemas
 * @since 0.1.0
 */
export const NodeName = Schema.String.check(
  Schema.makeFilter(
    (text: string) => {
      const name = names.parseNodeName(text)
      if (!name.ok) return name.reason
      return name.value.name === text ? undefined : `the canonical form of this node name is "${name.value.name}"`
    },
    { identifier: "NodeName" }
  )
).pipe(Schema.brand("gc/NodeName"))

/**
 * A node's name in its canonical form.
 *
 * @category models
 * @since 0.1.0
 */
export type NodeName = typeof NodeName.Type

/**
 * Parses a node name and brings it into its canonical form: `A@Rosa` is `A@rosa`. A refusal is one sentence.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parse = (text: string): Result.Result<NodeName, string> => {
  const name = names.parseNodeName(text)
  return name.ok ? Result.succeed(name.value.name as NodeName) : Result.fail(name.reason)
}

/**
 * `parse` for a text that is known to be right; throws an `Error` for any other.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (text: string): NodeName => Result.getOrThrowWith(parse(text), (reason) => new Error(reason))

/**
 * What stands before the `@`.
 *
 * @category accessors
 * @since 0.1.0
 */
export const basename = (name: NodeName): string => names.basenameOf(name)

/**
 * The host, an IPv6 literal without its brackets.
 *
 * @category accessors
 * @since 0.1.0
 */
export const host = (name: NodeName): string => names.hostOf(name)
