/**
 * The steps of the demo, each as a question to the observations: who must have seen what of whom, and who has.
 */
import type { Life, Observations, Sight } from "./observations.ts"

/** The steps, in their order. */
export const stepNames = ["mesh", "chat", "kill", "rejoin", "leave"] as const

/** One step of the demo. */
export type StepName = (typeof stepNames)[number]

/** Somebody who is to see something of somebody, and when it did. */
interface Pair {
  readonly observer: string
  readonly subject: string
  readonly sight: Sight | undefined
}

/** How far a step has come. */
export interface Progress {
  /** The node that is killed, comes back or leaves. */
  readonly node: string | undefined
  /** What the step's time is counted from. */
  readonly since: number | undefined
  readonly pairs: ReadonlyArray<Pair>
  readonly complete: boolean
  /** From `since` to the last sight, once it is complete. */
  readonly millis: number | undefined
}

/** Who must have seen what of whom in a step, and who has. */
export const progress = (step: StepName, observations: Observations, nodes: ReadonlyArray<string>): Progress =>
  questions[step](observations, nodes)

type Question = (observations: Observations, nodes: ReadonlyArray<string>) => Progress

/** Every node has seen the first life of every other come up. Counted from the moment the last one listened. */
const mesh: Question = (observations, nodes) => {
  const first = (node: string) => observations.lives(node)[0]
  const births = nodes.flatMap((node) => first(node)?.listeningAt ?? [])
  return answer({
    node: undefined,
    since: births.length === nodes.length ? Math.max(...births) : undefined,
    pairs: everyPair(nodes).map(({ observer, subject }) => ({
      observer,
      subject,
      sight: sightOfLife(observations, "up", first(observer), first(subject))
    }))
  })
}

/** Every node has heard from every other exactly what that one said. Counted from the first word. */
const chat: Question = (observations, nodes) => {
  const first = (node: string) => observations.lives(node)[0]
  const words = nodes.flatMap((node) => first(node)?.saidAt ?? [])
  if (words.length === 0) return notBegun
  const heard = (observer: string, subject: string) => {
    const sight = observations.sight("heard", first(observer)?.instance ?? "", subject)
    return sight?.detail === first(subject)?.said ? sight : undefined
  }
  return answer({
    node: undefined,
    since: Math.min(...words),
    pairs: everyPair(nodes).map(({ observer, subject }) => ({ observer, subject, sight: heard(observer, subject) }))
  })
}

/** Everybody has seen the victim go down. Counted from its last words, which came right before the SIGKILL. */
const kill: Question = (observations, nodes) => {
  const victim = nodes.find((node) => observations.lives(node)[0]?.lastWordsAt !== undefined)
  if (victim === undefined) return notBegun
  const life = observations.lives(victim)[0]
  return answer({
    node: victim,
    since: life?.lastWordsAt,
    pairs: others(nodes, victim).map((observer) => ({
      observer,
      subject: victim,
      sight: sightOfLife(observations, "down", observations.lives(observer)[0], life)
    }))
  })
}

/** Everybody has seen the victim's next life come up, and that one has seen everybody. Counted from when it listened. */
const rejoin: Question = (observations, nodes) => {
  const victim = nodes.find((node) => observations.lives(node).length > 1)
  if (victim === undefined) return notBegun
  const life = observations.lives(victim)[1]
  const first = (node: string) => observations.lives(node)[0]
  return answer({
    node: victim,
    since: life?.listeningAt,
    pairs: others(nodes, victim).flatMap((node) => [
      { observer: node, subject: victim, sight: sightOfLife(observations, "up", first(node), life) },
      { observer: victim, subject: node, sight: sightOfLife(observations, "up", life, first(node)) }
    ])
  })
}

/** Everybody has seen the one that leaves as left, and not as down. Counted from when it began to leave. */
const leave: Question = (observations, nodes) => {
  const leavers = nodes.flatMap((node) => observations.lives(node).filter((life) => life.leavingAt !== undefined))
  const leaver = leavers.toSorted((a, b) => (a.leavingAt ?? 0) - (b.leavingAt ?? 0))[0]
  if (leaver === undefined) return notBegun
  return answer({
    node: leaver.node,
    since: leaver.leavingAt,
    pairs: others(nodes, leaver.node).map((observer) => ({
      observer,
      subject: leaver.node,
      sight: sightOfLife(observations, "left", observations.lives(observer).at(-1), leaver)
    }))
  })
}

const questions: Readonly<Record<StepName, Question>> = { mesh, chat, kill, rejoin, leave }

const notBegun: Progress = { node: undefined, since: undefined, pairs: [], complete: false, millis: undefined }

const answer = ({ node, pairs, since }: Pick<Progress, "node" | "pairs" | "since">): Progress => {
  const last = pairs.every(({ sight }) => sight !== undefined)
    ? Math.max(...pairs.map(({ sight }) => sight?.at ?? 0))
    : undefined
  const complete = since !== undefined && last !== undefined
  return { node, since, pairs, complete, millis: complete ? Math.max(0, last - since) : undefined }
}

const others = (nodes: ReadonlyArray<string>, except: string) => nodes.filter((node) => node !== except)

const everyPair = (nodes: ReadonlyArray<string>) =>
  nodes.flatMap((observer) => others(nodes, observer).map((subject) => ({ observer, subject })))

const sightOfLife = (
  observations: Observations,
  kind: "up" | "down" | "left",
  observer: Life | undefined,
  subject: Life | undefined
) =>
  observer === undefined || subject === undefined
    ? undefined
    : observations.sight(kind, observer.instance, subject.instance)
