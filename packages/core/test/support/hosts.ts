import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"

const byte = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))
const group = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0xffff }))

const label = Arbitrary.schema(Schema.String.check(Schema.isPattern(/^[a-z][a-z0-9_-]{0,10}$/)))

const hostName = Arbitrary.map(Arbitrary.array(label, { minLength: 1, maxLength: 4 }), (labels) => labels.join("."))

const ipv4 = Arbitrary.map(Arbitrary.schema(Schema.Tuple([byte, byte, byte, byte])), (bytes) => bytes.join("."))

const ipv6 = Arbitrary.map(Arbitrary.schema(Schema.Tuple([group, group, group, Schema.Boolean])), ([a, b, c, short]) =>
  short
    ? `${a.toString(16)}::${b.toString(16)}:${c.toString(16)}`
    : [a, b, c, a, b, c, a, b].map((part) => part.toString(16)).join(":")
)

/** Hosts in their canonical form: names, dotted quads, IPv6 literals without brackets. */
export const hosts: Arbitrary.Arbitrary<string> = Arbitrary.map(
  Arbitrary.all([hostName, ipv4, ipv6, Arbitrary.schema(Schema.Literals([0, 1, 2]))]),
  ([name, quad, literal, which]) => [name, quad, literal][which] ?? name
)

export const ports = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 65_535 }))
