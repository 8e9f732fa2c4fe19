/**
 * The sections of the benchmark, in the order of the report.
 */
import { links } from "./links/links.ts"
import type { RunSection } from "./section.ts"

/** A section, and what it measures. */
export interface NamedSection {
  readonly name: string
  readonly about: string
  readonly run: RunSection
}

/** All of them. */
export const sections: ReadonlyArray<NamedSection> = [
  { name: "links", about: "messages one way, round trips, requests", run: links }
]
