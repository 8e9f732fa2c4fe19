/**
 * The values of a configuration file, as schemas: for the `schema` of a plugin (see `Plugin`).
 *
 * Each says what is expected in one phrase, which stands in the error about a wrong value, in the JSON Schema for editors and
 * in the reference. An environment variable gives each of them as text.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { aDuration, millisOf } from "./internal/optionValues.ts"

/** What a reader is told of a setting. @category models @since 0.1.0 */
export interface About {
  /** A sentence or two: what it is for, and its unit. */
  readonly description: string
  /** As it would stand in the file. Text where it depends: `"the bound host"`. */
  readonly default?: unknown
  /** What a value looks like, after the word "expected". Each constructor has its own. */
  readonly expected?: string
}

/** The annotation with what is expected of a value. @category annotations @since 0.1.0 */
export const expectedAnnotation = "gcExpected"

/** The annotation of a value that never stands in a message. @category annotations @since 0.1.0 */
export const secretAnnotation = "gcSecret"

/** The annotation with the default, where the decoder itself sets none. @category annotations @since 0.1.0 */
export const defaultAnnotation = "gcDefault"

const annotations = (about: About, expected: string, extra?: Record<string, unknown>): Record<string, unknown> => ({
  description: about.description,
  [expectedAnnotation]: about.expected ?? expected,
  ...(about.default !== undefined && { [defaultAnnotation]: about.default }),
  ...extra
})

/** Annotates any schema, for what this module has no constructor for. @category constructors @since 0.1.0 */
export const of = <S extends Schema.Top>(schema: S, about: About & { readonly expected: string }): S["Rebuild"] =>
  schema.annotate(annotations(about, about.expected))

/** A text that is not empty. @category constructors @since 0.1.0 */
export const text = (about: About): Schema.String =>
  Schema.String.check(Schema.isNonEmpty()).annotate(annotations(about, "a text"))

/**
 * A text for which `check` answers `undefined`; otherwise it answers why not, or, in words that begin with "expected", all that
 * is to be said.
 *
 * @category constructors
 * @since 0.1.0
 */
export const textThat = (
  check: (text: string) => string | undefined,
  about: About & { readonly expected: string }
): Schema.String =>
  Schema.String.check(Schema.makeFilter((given: string) => check(given) ?? true)).annotate(
    annotations(about, about.expected)
  )

/** A secret text: its value never stands in a message, a log or an inspection. @category constructors @since 0.1.0 */
export const secret = (about: About): Schema.RedactedFromValue<Schema.String> =>
  Schema.RedactedFromValue(
    Schema.String.check(Schema.isNonEmpty()).annotate(annotations(about, "a text", { [secretAnnotation]: true }))
  )

/** `true` or `false`. @category constructors @since 0.1.0 */
export const flag = (about: About): Schema.Boolean => Schema.Boolean.annotate(annotations(about, "true or false"))

/** A whole number in these bounds. @category constructors @since 0.1.0 */
export const integer = (about: About & { readonly minimum: number; readonly maximum: number }): Schema.Int =>
  Schema.Int.check(Schema.isBetween(about)).annotate(
    annotations(about, `a whole number from ${about.minimum} to ${about.maximum}`)
  )

/** A port to be reached at, 1 to 65535. @category constructors @since 0.1.0 */
export const port = (about: About): Schema.Int =>
  integer({ minimum: 1, maximum: 65_535, expected: "a port from 1 to 65535", ...about })

/** A port to bind to, where 0 takes any free one. @category constructors @since 0.1.0 */
export const bindPort = (about: About): Schema.Int =>
  integer({ minimum: 0, maximum: 65_535, expected: "a port from 0 to 65535, where 0 takes any free one", ...about })

/** One of these words. @category constructors @since 0.1.0 */
export const oneOf = <const Words extends ReadonlyArray<string>>(words: Words, about: About): Schema.Literals<Words> =>
  Schema.Literals(words).annotate(annotations(about, words.map((word) => JSON.stringify(word)).join(" or ")))

/** A list; an environment variable gives it as texts with commas between them. @category constructors @since 0.1.0 */
export const list = <Item extends Schema.Top>(item: Item, about: About): Schema.$Array<Item> =>
  Schema.Array(item).annotate(annotations(about, "a list"))

/** One, or a list of them. @category constructors @since 0.1.0 */
export const oneOrMore = <Item extends Schema.Top>(
  item: Item,
  about: About & { readonly expected: string }
): Schema.Union<readonly [Item, Schema.$Array<Item>]> =>
  Schema.Union([item, Schema.Array(item)]).annotate(annotations(about, about.expected))

const readDuration = (given: string | number): number | undefined => (given === "infinity" ? Infinity : millisOf(given))

/** `"5 seconds"`, `"250 millis"`, `"infinity"`, or a number of milliseconds. @category constructors @since 0.1.0 */
export const duration = (
  about: About
): Schema.decodeTo<Schema.Duration, Schema.Union<readonly [Schema.String, Schema.Finite]>> =>
  Schema.Union([Schema.String, Schema.Finite])
    .annotate(annotations(about, aDuration))
    .check(Schema.makeFilter((given: string | number) => readDuration(given) !== undefined, { expected: aDuration }))
    .pipe(
      Schema.decodeTo(
        Schema.Duration,
        SchemaTransformation.transform({
          decode: (given: string | number) => Duration.millis(readDuration(given) ?? 0),
          encode: (length: Duration.Duration): string | number =>
            Duration.isFinite(length) ? Duration.toMillis(length) : "infinity"
        })
      )
    )

/** A duration for which `accepts` holds. @category constructors @since 0.1.0 */
export const durationThat = (
  accepts: (length: Duration.Duration) => boolean,
  about: About & { readonly expected: string }
): Schema.decodeTo<Schema.Duration, Schema.Union<readonly [Schema.String, Schema.Finite]>> =>
  duration(about).check(Schema.makeFilter((length: Duration.Duration) => accepts(length), { expected: about.expected }))
