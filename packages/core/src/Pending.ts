/**
 * Which of the connections that have not proved anything yet makes room when as many wait as may: for authors of transports
 * whose streams are secured before core sees them.
 *
 * @since 0.1.0
 */
export { makesRoom, type Unproven } from "./protocol/pending.ts"
