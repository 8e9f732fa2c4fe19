import type { Figure, Outcome, Scenario } from "./run.ts"

/** A figure over all seeds of one size, and whether it keeps its bound. */
export interface Judged {
  readonly figure: string
  readonly samples: number
  readonly p50: number
  readonly p99: number
  readonly max: number
  readonly total: number
  readonly bound: string
  readonly met: boolean
  /** The seed with the worst value. */
  readonly worstSeed: number
  readonly counted: boolean
}

/** All seeds of a scenario at one size. */
export interface Row {
  readonly scenario: string
  readonly title: string
  readonly size: number
  readonly seeds: number
  readonly nodeHours: number
  /** Nothing is cut, stopped or killed in it. */
  readonly faultless: boolean
  readonly tookSeconds: number
  readonly figures: ReadonlyArray<Judged>
  /** Seeds whose run broke an invariant or did not come to the truth. */
  readonly failed: ReadonlyArray<{ readonly seed: number; readonly problems: ReadonlyArray<string> }>
}

const percentile = (sorted: ReadonlyArray<number>, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN

const boundOf = ({ max, p50, p99, total }: Figure): string => {
  const parts: Array<string> = []
  if (p50 !== undefined) parts.push(`p50 ≤ ${p50}`)
  if (p99 !== undefined) parts.push(`p99 ≤ ${p99}`)
  if (max !== undefined) parts.push(`≤ ${Number.isInteger(max) ? max : max.toFixed(1)}`)
  if (total !== undefined) parts.push(`${total}`)
  return parts.join(", ")
}

const judge = (figure: Figure, outcomes: ReadonlyArray<Outcome>): Judged => {
  const all: Array<number> = []
  let worst = -Infinity
  let worstSeed = 0
  for (const { samples, seed } of outcomes) {
    for (const value of samples[figure.name] ?? []) {
      all.push(value)
      if (value <= worst) continue
      worst = value
      worstSeed = seed
    }
  }
  const sorted = Float64Array.from(all).toSorted()
  const [p50, p99, max] = [0.5, 0.99, 1].map((share) => percentile([...sorted], share)) as [number, number, number]
  const total = all.reduce((sum, value) => sum + value, 0)
  const counted = figure.total !== undefined || figure.shown === "total"
  const met =
    (figure.p50 === undefined || p50 <= figure.p50) &&
    (figure.p99 === undefined || p99 <= figure.p99) &&
    (figure.max === undefined || max <= figure.max) &&
    (figure.total === undefined || total <= figure.total) &&
    (all.length > 0 || figure.shown !== undefined)
  return {
    figure: figure.name,
    samples: all.length,
    p50,
    p99,
    max,
    total,
    bound: boundOf(figure),
    met,
    worstSeed,
    counted
  }
}

/** Puts the seeds of one scenario and size together. */
export const summarize = (scenario: Scenario, size: number, outcomes: ReadonlyArray<Outcome>): Row => ({
  scenario: scenario.name,
  title: scenario.title,
  size,
  seeds: outcomes.length,
  nodeHours: outcomes.reduce((sum, { nodeHours }) => sum + nodeHours, 0),
  faultless: scenario.faultless === true,
  tookSeconds: outcomes.reduce((sum, { tookMs }) => sum + tookMs, 0) / 1_000,
  figures: scenario.figures(size).map((figure) => judge(figure, outcomes)),
  failed: outcomes.filter(({ problems }) => problems.length > 0).map(({ problems, seed }) => ({ seed, problems }))
})

export const isMet = ({ failed, figures }: Row): boolean => failed.length === 0 && figures.every(({ met }) => met)

const time = (value: number): string => {
  if (!Number.isFinite(value)) return "–"
  return value < 10 ? String(Number(value.toFixed(2))) : String(Math.round(value))
}

const shown = ({ counted, figure, max, p50, p99, samples, total }: Judged): string => {
  if (counted) return `${figure}: ${Math.round(total)}`
  if (samples === 1) return `${figure}: ${time(max)}`
  return `${figure}: p50 ${time(p50)} · p99 ${time(p99)} · max ${time(max)}`
}

/** The command that runs one seed again. */
export const replay = (scenario: string, size: number, seed: number, mutant?: string): string =>
  `npm run sim -- --scenario ${scenario} --n ${size} --seed ${seed}${mutant === undefined ? "" : ` --mutant ${mutant}`}`

/** The rows as a table of Markdown; times in milliseconds. */
export const table = (rows: ReadonlyArray<Row>): string => {
  const lines = ["| scenario | N | seeds | measured | bound | |", "|---|---|---|---|---|---|"]
  for (const row of rows) {
    const bounds = row.figures.filter(({ bound }) => bound !== "").map(({ bound, figure }) => `${figure} ${bound}`)
    const cells = [row.scenario, row.size, row.seeds, row.figures.map(shown).join("; "), bounds.join("; ")]
    lines.push(`| ${cells.join(" | ")} | ${isMet(row) ? "ok" : "**missed**"} |`)
  }
  return lines.join("\n")
}

/** How long nodes lived in all runs, and without a fault: GC/1 section 8 asks for 200 node-hours of those. */
export const hours = (rows: ReadonlyArray<Row>): string => {
  const sum = (some: ReadonlyArray<Row>): string => some.reduce((all, { nodeHours }) => all + nodeHours, 0).toFixed(1)
  const quiet = rows.filter(({ faultless }) => faultless)
  const lived = `${sum(rows)} simulated node-hours`
  if (quiet.length === 0) return `${lived}.`
  const seeds = quiet.reduce((all, row) => all + row.seeds, 0)
  const sizes = [...new Set(quiet.map(({ size }) => size))].toSorted((a, b) => a - b)
  const downs = quiet.flatMap(({ figures }) => figures).filter(({ figure }) => figure === "false Down")
  const said = downs.reduce((all, { total }) => all + total, 0)
  return `${lived}; of these ${sum(quiet)} without a fault, at 0 to 5 % loss (N = ${sizes.join(", ")}; ${seeds} seeds): ${said} false Down.`
}

/** What went wrong, each with the command that shows it again. */
export const complaints = (rows: ReadonlyArray<Row>, mutant?: string): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const { failed, figures, scenario, size } of rows) {
    for (const { problems, seed } of failed) {
      lines.push(
        `${scenario}, N = ${size}, seed ${seed}: ${problems[0] ?? ""}`,
        ...problems.slice(1, 5).map((each) => `  ${each}`)
      )
      lines.push(`  ${replay(scenario, size, seed, mutant)}`)
    }
    for (const judged of figures) {
      if (judged.met) continue
      lines.push(
        `${scenario}, N = ${size}: ${shown(judged)}, not ${judged.bound}; the worst is seed ${judged.worstSeed}`
      )
      lines.push(`  ${replay(scenario, size, judged.worstSeed, mutant)}`)
    }
  }
  return lines
}
