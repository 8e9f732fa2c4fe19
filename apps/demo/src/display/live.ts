/**
 * The live view on a terminal: one frame, drawn over the one before.
 */
import { styleText } from "node:util"
import type { WriteStream } from "node:tty"
import type { Observations } from "../observations.ts"
import type { StepName } from "../steps.ts"
import type { Display } from "./display.ts"
import { frame, type Look, type Paint } from "./frame.ts"
import { summaryLines, wordsOf } from "./words.ts"

const drawEvery = 80
const hideCursor = "\u001B[?25l"
const showCursor = "\u001B[?25h"
const clearBelow = "\u001B[0J"
const clearLine = "\u001B[K"

const styles = { good: "green", bad: "red", doubt: "yellow", faint: "dim", strong: "bold" } as const

const colours: Paint = (look: Look, text: string) => styleText(styles[look], text, { validateStream: false })

const plain: Paint = (_, text) => text

/** For a person at a terminal. Colours only where the terminal has them and `NO_COLOR` is not set. */
export const liveDisplay = (
  observations: Observations,
  nodes: ReadonlyArray<string>,
  terminal: WriteStream
): Display => {
  const paint = terminal.hasColors() ? colours : plain
  const about = new Map<StepName, string | undefined>()
  const began = performance.now()
  const recent: Array<string> = []
  let current: StepName | undefined
  let height = 0

  const draw = () => {
    // Asked anew each time: a process that does not lead its terminal hears of no change of size.
    const [width, high] = terminal.getWindowSize()
    const elapsed = performance.now() - began
    const lines = frame({
      observations,
      nodes,
      current,
      about,
      elapsed,
      recent,
      columns: width || 80,
      rows: high || 24,
      paint
    })
    const up = height > 0 ? `\u001B[${height}A\r` : ""
    terminal.write(`${up}${lines.map((line) => `${line}${clearLine}\n`).join("")}${clearBelow}`)
    height = lines.length
  }

  terminal.write(hideCursor)
  const restore = () => terminal.write(showCursor)
  process.on("exit", restore)
  const timer = setInterval(draw, drawEvery)
  draw()

  return {
    enter: (step, node) => {
      current = step
      about.set(step, node)
    },
    reported: (report) => {
      const words = wordsOf(report)
      if (words !== undefined) recent.push(words)
      if (recent.length > 20) recent.shift()
    },
    finish: (summary) => {
      clearInterval(timer)
      current = undefined
      draw()
      terminal.write(`\n${summaryLines(summary).join("\n")}\n`)
    },
    close: () => {
      clearInterval(timer)
      process.off("exit", restore)
      restore()
    }
  }
}
