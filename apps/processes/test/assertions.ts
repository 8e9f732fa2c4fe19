import { assert } from "@effect/vitest"
import { type Pair, tell } from "../src/harness/stories.ts"
import { quantile } from "../src/report/rows.ts"

/** Each of these saw exactly such a story. */
export const assertStories = (told: ReadonlyArray<Pair>, story: RegExp): void => {
  for (const pair of told) assert.match(tell(pair), story, `${pair.observer.name} about ${pair.subject.name}`)
}

/** There are as many times as are expected, and none is beyond the bound. */
export const assertWithin = (millis: ReadonlyArray<number>, expected: number, bound: number): void => {
  assert.strictEqual(millis.length, expected)
  assert.isAtMost(Math.max(...millis), bound)
}

/**
 * There are as many times as are expected, and half of them keep the bound. A p99 of GC/1 section 8 is more than a few samples
 * can show on a machine that runs other tests: `npm run processes` holds all samples against it.
 */
export const assertMostWithin = (millis: ReadonlyArray<number>, expected: number, bound: number): void => {
  assert.strictEqual(millis.length, expected)
  assert.isAtMost(quantile(millis, 0.5), bound)
}
