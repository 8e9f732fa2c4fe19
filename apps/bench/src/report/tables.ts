/**
 * The report as tables of texts: ratios first, then what was measured.
 */
import type { Measurement, Ratio, Section, Target } from "../section.ts"
import { keeps, median } from "./statistics.ts"

/** A table: its columns, and the texts in each row. */
export interface Table {
  readonly columns: ReadonlyArray<string>
  readonly rows: ReadonlyArray<ReadonlyArray<string>>
}

/** Three digits that count, or as many as a whole number has; thousands and millions are k and M. */
export const shortly = (figure: number): string => {
  if (!Number.isFinite(figure)) return "–"
  const size = Math.abs(figure)
  if (size >= 1e6) return `${digits(figure / 1e6)} M`
  if (size >= 1e4) return `${digits(figure / 1e3)} k`
  return digits(figure)
}

const digits = (figure: number): string => {
  const size = Math.abs(figure)
  if (size >= 100) return figure.toFixed(0)
  if (size >= 10) return figure.toFixed(1)
  if (size >= 0.1 || size === 0) return figure.toFixed(2)
  return figure.toPrecision(2)
}

const targetText = (target: Target | undefined): string =>
  target === undefined ? "" : `${target.op === ">=" ? "≥" : "≤"} ${digits(target.bound)}`

/** What came of a ratio's target. */
export const verdict = ({ required, target, value }: Ratio): string => {
  if (required !== undefined && !keeps(value, required)) return `MISSED, required ${targetText(required)}`
  if (target === undefined) return ""
  return keeps(value, target) ? "kept" : "missed"
}

/** Whether nothing that is required is missed. */
export const isFine = (sections: ReadonlyArray<Section>): boolean =>
  sections.every(({ ratios }) =>
    ratios.every(({ required, value }) => required === undefined || keeps(value, required))
  )

/** Empty where there is one figure only. */
const spreadText = (spread: Ratio["spread"]): string =>
  spread === undefined || spread[0] === spread[1] ? "" : spread.map(shortly).join("..")

/** The ratios of a section. */
export const ratioTable = (ratios: ReadonlyArray<Ratio>): Table => ({
  columns: ["what", "of", "to", "median", "min..max", "target", "", "how alike"],
  rows: ratios.map((ratio) => [
    ratio.what,
    ratio.of,
    ratio.to,
    shortly(ratio.value),
    spreadText(ratio.spread),
    targetText(ratio.target),
    verdict(ratio),
    ratio.likeForLike
  ])
})

/** The measurements of a section, one table for each thing: a row for each contestant, a column for each unit. */
export const measurementTables = (
  measurements: ReadonlyArray<Measurement>
): ReadonlyArray<{ readonly what: string; readonly table: Table }> => {
  const things = [...new Set(measurements.map(({ what }) => what))]
  return things.map((what) => {
    const ofIt = measurements.filter((one) => one.what === what)
    const units = [...new Set(ofIt.map(({ unit }) => unit))]
    const noted = ofIt.some(({ note }) => note !== undefined)
    const rows = [...new Set(ofIt.map(({ contestant }) => contestant))].map((contestant) => {
      const own = ofIt.filter((one) => one.contestant === contestant)
      const cells = units.map((unit) => cell(own.find((one) => one.unit === unit)?.samples))
      const notes = [...new Set(own.flatMap(({ note }) => (note === undefined ? [] : [note])))].join("; ")
      return [contestant, ...cells, ...(noted ? [notes] : [])]
    })
    return { what, table: { columns: ["", ...units, ...(noted ? ["note"] : [])], rows } }
  })
}

const cell = (samples: ReadonlyArray<number> | undefined): string => {
  if (samples === undefined) return ""
  const middle = shortly(median(samples))
  if (samples.length < 2) return middle
  return `${middle} (${shortly(Math.min(...samples))}..${shortly(Math.max(...samples))})`
}
