/**
 * What observers saw, as stories: the events of one life at one observer, in a line like `Up Suspected Down:timeout Up`.
 */
import type { Sighting } from "../messages.ts"
import type { NodeProcess } from "./nodeProcess.ts"

/** Somebody, and a life that it may have seen something of. */
export interface Pair {
  readonly observer: NodeProcess
  readonly subject: NodeProcess
}

/** `n3` of `n3@127.0.0.1`. */
export const short = (name: string): string => name.split("@", 1)[0] ?? name

/** A story in one line. */
export const tell = ({ observer, subject }: Pair): string => observer.story(subject).map(word).join(" ")

const word = ({ reason, tag }: Sighting): string => (reason === undefined ? tag : `${tag}:${reason}`)

/** Each of the observers with each of the subjects, nobody with itself. */
export const pairs = (
  observers: ReadonlyArray<NodeProcess>,
  subjects: ReadonlyArray<NodeProcess>
): ReadonlyArray<Pair> =>
  observers.flatMap((observer) =>
    subjects.flatMap((subject) => (observer.name === subject.name ? [] : { observer, subject }))
  )

const living: ReadonlySet<string> = new Set(["Up", "Updated", "Recovered", "Reachable"])

/** Whether somebody takes somebody for alive; itself it always does. */
export const sees = (observer: NodeProcess, subject: NodeProcess): boolean =>
  observer === subject || living.has(observer.story(subject).at(-1)?.tag ?? "")

/** When somebody first saw this of a life, at or after a time. */
export const sawAt = ({ observer, subject }: Pair, tag: Sighting["tag"], since: number): number | undefined =>
  observer.story(subject).find((sighting) => sighting.tag === tag && sighting.at >= since)?.at

/** Whether everybody saw this, at or after a time. */
export const allSaw = (observed: ReadonlyArray<Pair>, tag: Sighting["tag"], since: number): boolean =>
  observed.every((pair) => sawAt(pair, tag, since) !== undefined)

/** How long it took those who saw it. */
export const delays = (observed: ReadonlyArray<Pair>, tag: Sighting["tag"], since: number): ReadonlyArray<number> =>
  observed.flatMap((pair) => {
    const at = sawAt(pair, tag, since)
    return at === undefined ? [] : at - since
  })
