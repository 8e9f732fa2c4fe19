/**
 * Finds the misspelled key of an object of options: for packages whose options come from programs that no compiler has seen.
 *
 * @since 0.1.0
 */

/** A key that is no option, and what to say of it. @category models @since 0.1.0 */
export interface UnknownKey {
  /** With the prefix; never its value, which may be a misspelled secret. */
  readonly key: string
  /** `one of host, port; did you mean "port"?` */
  readonly expected: string
}

/** How many letters one has to change, insert or drop. */
const distance = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [line, letter] of from.split("").entries()) {
    const next = [line + 1]
    for (let at = 1; at <= to.length; at++) {
      const replaced = (row[at - 1] ?? 0) + (letter === to[at - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}

/** The known one that a misspelled key probably means. @category constructors @since 0.1.0 */
export const nearest = (key: string, known: ReadonlyArray<string>): string | undefined =>
  key.length > 64
    ? undefined
    : known
        .map((name) => ({ name, far: distance(key.toLowerCase(), name.toLowerCase()) }))
        .filter(({ far, name }) => far <= Math.max(2, name.length / 3))
        .toSorted((left, right) => left.far - right.far)[0]?.name

/**
 * The first key that is none of the known ones, or `undefined`. One whose value is `undefined` counts as absent.
 *
 * @param prefix - stands before each key in what is said: `"tls."`
 *
 * @category guards
 * @since 0.1.0
 */
export const unknown = (options: object, known: ReadonlyArray<string>, prefix = ""): UnknownKey | undefined => {
  const given: Readonly<Record<string, unknown>> = { ...options }
  const key = Object.keys(given).find((each) => !known.includes(each) && given[each] !== undefined)
  if (key === undefined) return undefined
  const meant = nearest(key, known)
  const question = meant === undefined ? "" : `; did you mean "${prefix}${meant}"?`
  return { key: `${prefix}${key}`.slice(0, 200), expected: `one of ${known.join(", ")}${question}` }
}
