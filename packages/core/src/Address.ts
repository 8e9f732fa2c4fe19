/**
 * Where a node listens: `tcp://host:port`, `tls://`, `ws://`, `wss://`, `memory://`, or a third party's protocol.
 *
 * An address is an attribute of a node and never its identity: another node may use it later, and one node may have several.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaTransformation from "effect/SchemaTransformation"
import * as parts from "./protocol/addresses.ts"

/**
 * An address taken apart. `host` is in lower case, an IPv6 literal without brackets; `port` is 0..65535; `path` is empty or
 * begins with `/`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Address {
  readonly protocol: string
  readonly host: string
  readonly port: number
  readonly path: string
}

/**
 * Parses `protocol://host:port[/path]`; IPv6 literals stand in brackets. A refusal is one sentence that says what is wrong.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parse = (text: string): Result.Result<Address, string> => {
  const address = parts.parseAddress(text)
  return address.ok ? Result.succeed(address.value) : Result.fail(address.reason)
}

/**
 * `parse` for a text that is known to be right; throws an `Error` for any other.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parseUnsafe = (text: string): Address => Result.getOrThrowWith(parse(text), (reason) => new Error(reason))

/**
 * An address from its parts; `host` may be bracketed or not. Throws an `Error` when the parts make no address.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (protocol: string, host: string, port: number, path = ""): Address =>
  parseUnsafe(parts.formatAddress({ protocol, host, port, path }))

/**
 * The canonical text; `parse` reads it back to the same parts.
 *
 * @category conversions
 * @since 0.1.0
 */
export const format = (address: Address): string => parts.formatAddress(address)

/**
 * Whether somebody can dial it: its port is not 0 and its host not *every local address*. Only such addresses are advertised.
 *
 * @category guards
 * @since 0.1.0
 */
export const isDialable = (address: Address): boolean => parts.isDialable(address)

/**
 * Whether bytes to this address stay on the machine by its spelling (`127.0.0.0/8`, `::1`, `localhost`), or in the process
 * (`memory`). Nothing is resolved.
 *
 * @category guards
 * @since 0.1.0
 */
export const isLoopback = (address: Address): boolean => address.protocol === "memory" || parts.isLoopback(address.host)

/**
 * Whether a host means *every local address* (`0.0.0.0`, `::`): one can bind to it, nobody can dial it.
 *
 * @category guards
 * @since 0.1.0
 */
export const isUnspecified = (host: string): boolean => parts.isUnspecified(host)

const AddressStruct = Schema.Struct({
  protocol: Schema.String,
  host: Schema.String,
  port: Schema.Int,
  path: Schema.String
}).check(
  Schema.makeFilter(
    (address) => {
      const text = format(address)
      const read = parse(text)
      if (Result.isFailure(read)) return read.failure
      return format(read.success) === text
        ? undefined
        : `the canonical form of this address is "${format(read.success)}"`
    },
    { identifier: "Address" }
  )
)

/**
 * The schema of an address: its text on the outside, its parts inside.
 *
 * @category schemas
 * @since 0.1.0
 */
export const FromString: Schema.Codec<Address, string> = Schema.String.pipe(
  Schema.decodeTo(
    AddressStruct,
    SchemaTransformation.transformEffect({
      decode: (text: string) =>
        Result.match(parse(text), {
          onSuccess: (address) => Effect.succeed(address),
          onFailure: (reason) => Effect.fail(new SchemaIssue.InvalidValue({ message: reason }, text))
        }),
      encode: (address) => Effect.succeed(format(address))
    })
  )
)
