/**
 * One frame of the live view: the steps, who sees whom, and what happened last.
 */
import { short } from "../messages.ts"
import type { Belief, Observations } from "../observations.ts"
import { progress, type StepName, stepNames } from "../steps.ts"
import { duration, titleOf } from "./words.ts"

/** How a piece of text is to look. */
export type Look = "good" | "bad" | "doubt" | "faint" | "strong"

/** Makes a text look so, or leaves it as it is where no colour is wanted. */
export type Paint = (look: Look, text: string) => string

/** What a frame shows. */
export interface Scene {
  readonly observations: Observations
  readonly nodes: ReadonlyArray<string>
  readonly current: StepName | undefined
  /** The nodes that the steps entered so far are about. */
  readonly about: ReadonlyMap<StepName, string | undefined>
  readonly elapsed: number
  /** What happened last, in words, the newest at the end. */
  readonly recent: ReadonlyArray<string>
  readonly columns: number
  readonly rows: number
  readonly paint: Paint
}

const symbols: Readonly<Record<Belief, readonly [text: string, look: Look]>> = {
  up: ["●", "good"],
  suspected: ["?", "doubt"],
  unreachable: ["○", "doubt"],
  down: ["×", "bad"],
  left: ["−", "faint"]
}

const legend = (paint: Paint) =>
  (["up", "suspected", "unreachable", "down", "left"] as const)
    .map((belief) => `${paint(symbols[belief][1], symbols[belief][0])} ${paint("faint", belief)}`)
    .join("  ")

/** The lines of a frame, none longer than the screen is wide, and fewer than it is high. */
export const frame = (scene: Scene): ReadonlyArray<string> => {
  const { columns, elapsed, nodes, paint, recent, rows } = scene
  const room = Math.max(1, rows - 1)
  const head = [
    `${paint("strong", clip(`gc demo: ${nodes.length} processes on 127.0.0.1`, columns - 10))}  ${paint("faint", duration(elapsed))}`,
    ...stepNames.map((step) => stepLine(step, scene))
  ]
  const lines = [...head, ...fitting(gridLines(scene), room - head.length)].slice(0, room)
  const spare = room - lines.length
  if (spare >= 1) lines.splice(head.length, 0, "")
  if (spare >= 2) lines.push(columns >= 60 ? legend(paint) : "")
  const told = Math.min(4, spare - 3)
  const tail = told > 0 ? recent.slice(-told) : []
  if (tail.length > 0) lines.push("", ...tail.map((text) => paint("faint", clip(text, columns - 1))))
  return lines
}

const fitting = (grid: ReadonlyArray<string>, room: number): ReadonlyArray<string> =>
  grid.length <= room ? grid : [...grid.slice(0, Math.max(0, room - 1)), " … too small to show all"]

const stepLine = (step: StepName, { about, columns, current, nodes, observations, paint }: Scene): string => {
  const { complete, millis, pairs } = progress(step, observations, nodes)
  const begun = about.has(step)
  const title = titleOf(step, about.get(step))
  const seen = pairs.filter(({ sight }) => sight !== undefined).length
  const counted = begun && pairs.length > 0 ? `${seen}/${pairs.length}` : ""
  const figures = complete && millis !== undefined ? duration(millis) : counted
  const width = Math.max(1, Math.min(columns - 14, 53))
  const text = `${clip(title, width).padEnd(width)}  `
  if (complete && begun) return ` ${paint("good", "✔")} ${text}${paint("strong", figures)}`
  if (step === current) return ` ${paint("doubt", "▸")} ${text}${figures}`
  return ` ${begun ? paint("bad", "✘") : " "} ${paint("faint", text)}${figures}`
}

/** Who sees whom: a row for each node. Few nodes have a header; many stand in short rows, two or more beside each other. */
const gridLines = (scene: Scene): ReadonlyArray<string> => {
  const { columns, nodes, paint } = scene
  const label = Math.max(...nodes.map((node) => short(node).length))
  const wide = label + 2 + nodes.length * (label + 1) < Math.min(columns, 60)
  const cell = wide ? label + 1 : 1
  const row = (observer: string) =>
    `${short(observer).padEnd(label)} ${nodes.map((subject) => look(scene, observer, subject, cell)).join("")}`
  if (wide) {
    const header = nodes.map((node) => short(node).padStart(cell)).join("")
    return [` ${paint("faint", `${" ".repeat(label)} ${header}`)}`, ...nodes.map((node) => ` ${row(node)}`)]
  }
  const width = label + 1 + nodes.length
  if (width + 2 > columns) return []
  const beside = Math.max(1, Math.floor((columns - 1) / (width + 3)))
  const height = Math.ceil(nodes.length / beside)
  return Array.from({ length: height }, (_, line) =>
    Array.from({ length: beside }, (_, block) => nodes[block * height + line])
      .flatMap((node) => (node === undefined ? [] : ` ${row(node)}`))
      .join("  ")
  )
}

const look = ({ observations, paint }: Scene, observer: string, subject: string, width: number): string => {
  const gap = " ".repeat(width - 1)
  if (observations.present(observer) === undefined) return `${gap} `
  if (observer === subject) return gap + paint("faint", "·")
  const belief = observations.belief(observer, subject)
  return belief === undefined ? `${gap} ` : gap + paint(symbols[belief][1], symbols[belief][0])
}

const clip = (text: string, width: number) =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`
