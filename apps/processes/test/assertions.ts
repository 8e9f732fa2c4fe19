import { assert } from "@effect/vitest"
import { type Pair, tell } from "../src/harness/stories.ts"

/** Each of these saw exactly such a story. */
export const assertStories = (told: ReadonlyArray<Pair>, story: RegExp): void => {
  for (const pair of told) assert.match(tell(pair), story, `${pair.observer.name} about ${pair.subject.name}`)
}

/** There are as many times as are expected, and none is beyond the bound. */
export const assertWithin = (millis: ReadonlyArray<number>, expected: number, bound: number): void => {
  assert.strictEqual(millis.length, expected)
  assert.isAtMost(Math.max(...millis), bound)
}
