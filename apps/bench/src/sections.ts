/**
 * The sections of the benchmark, in the order of the report.
 */
import { detection } from "./detection.ts"
import { formation } from "./formation.ts"
import { growth } from "./growth.ts"
import { idle } from "./idle.ts"
import { imports } from "./imports.ts"
import { links } from "./links/links.ts"
import { memory } from "./links/memory.ts"
import type { RunSection } from "./section.ts"

/** A section, and what it measures. */
export interface NamedSection {
  readonly name: string
  readonly about: string
  readonly run: RunSection
}

/** All of them. */
export const sections: ReadonlyArray<NamedSection> = [
  { name: "links", about: "messages one way, round trips, and a hundred requests at a time", run: links },
  { name: "memory", about: "memory of both ends while a reader stops", run: memory },
  { name: "formation", about: "processes that start together until all see all, and one that joins", run: formation },
  { name: "detection", about: "a process that is killed, stopped, or leaves, until all others know", run: detection },
  { name: "idle", about: "memory and CPU of a node that rests, beside a process with effect loaded", run: idle },
  { name: "growth", about: "formation, rest and broadcasts against the number of nodes", run: growth },
  { name: "import", about: "what importing @gc/core takes, beside the modules of effect it uses", run: imports }
]
