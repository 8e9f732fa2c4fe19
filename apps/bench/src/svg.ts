/** The plot of growth: four panels over the number of nodes, as SVG text. */
import { nodesOf, series, sizes as allSizes } from "./growth.ts"
import { median } from "./report/statistics.ts"
import type { Section } from "./section.ts"

interface Point {
  readonly size: number
  readonly value: number
  /** A limit that stands for what did not happen before it. */
  readonly limit: boolean
}

interface Line {
  readonly label: string
  readonly color: string
  readonly points: ReadonlyArray<Point>
}

interface Panel {
  readonly title: string
  readonly unit: string
  /** A logarithmic axis, for lines that are far apart. */
  readonly log: boolean
  readonly lines: ReadonlyArray<Line>
}

const [panelWidth, panelHeight] = [430, 300]
const margin = { top: 46, right: 20, bottom: 46, left: 64 }
const [plotWidth, plotHeight] = [panelWidth - margin.left - margin.right, panelHeight - margin.top - margin.bottom]
const [headHeight, footHeight] = [52, 14]

const ink = { text: "#24292f", quiet: "#57606a", grid: "#d8dee4", axis: "#57606a", paper: "#ffffff" }
const colors: Readonly<Record<string, string>> = { gc: "#0b5fce", "raw-mesh": "#c2570c" }

const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign] ?? sign)

const short = (value: number): string => {
  const [scaled, suffix] = value >= 1e6 ? [value / 1e6, " M"] : value >= 1e3 ? [value / 1e3, " k"] : [value, ""]
  return `${Number(scaled.toPrecision(3))}${suffix}`
}

const place = (value: number): string => value.toFixed(1)

/** What the highest label takes above its point. */
const room = 1.15

/** The ticks of an axis from zero, or of a logarithmic one from a power of ten to another. */
const ticksOf = ({ lines, log }: Panel): ReadonlyArray<number> => {
  const values = lines.flatMap(({ points }) => points.map(({ value }) => value)).filter((value) => value > 0)
  const top = Math.max(...values, Number.MIN_VALUE) * room
  if (log) {
    const first = Math.floor(Math.log10(Math.min(...values)))
    const last = Math.max(first + 1, Math.ceil(Math.log10(top)))
    return Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index))
  }
  const rough = top / 4
  const magnitude = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * magnitude).find((each) => each >= rough) ?? rough
  return Array.from({ length: Math.ceil(top / step - 1e-9) + 1 }, (_, index) => index * step)
}

const text = (x: number, y: number, content: string, attributes = ""): string =>
  `<text x="${place(x)}" y="${place(y)}" ${attributes}>${escape(content)}</text>`

const drawPanel = (panel: Panel, left: number, top: number): ReadonlyArray<string> => {
  const ticks = ticksOf(panel)
  const scale = (value: number): number => (panel.log ? Math.log10(value) : value)
  const [low, high] = [scale(ticks[0] ?? 0), scale(ticks.at(-1) ?? 1)]
  const most = Math.max(...panel.lines.flatMap(({ points }) => points.map(({ size }) => size)), 1)
  const x = (size: number): number => margin.left + (plotWidth * size) / most
  const y = (value: number): number => margin.top + plotHeight * (1 - (scale(value) - low) / (high - low))
  const sizes = [...new Set(panel.lines.flatMap(({ points }) => points.map(({ size }) => size)))]
  const bottom = margin.top + plotHeight
  return [
    `<g transform="translate(${left} ${top})">`,
    text(margin.left, 22, panel.title, `font-size="14" font-weight="600" fill="${ink.text}"`),
    text(margin.left, 38, panel.unit, `font-size="11" fill="${ink.quiet}"`),
    ...ticks.flatMap((tick) => [
      `<path d="M${margin.left} ${place(y(tick))}h${plotWidth}" stroke="${ink.grid}"/>`,
      text(margin.left - 8, y(tick) + 4, short(tick), `font-size="11" text-anchor="end" fill="${ink.quiet}"`)
    ]),
    `<path d="M${margin.left} ${bottom}h${plotWidth}" stroke="${ink.axis}"/>`,
    ...sizes.flatMap((size) => [
      `<path d="M${place(x(size))} ${bottom}v5" stroke="${ink.axis}"/>`,
      text(x(size), bottom + 18, String(size), `font-size="11" text-anchor="middle" fill="${ink.quiet}"`)
    ]),
    text(
      margin.left + plotWidth / 2,
      bottom + 36,
      "nodes in the cluster",
      `font-size="11" text-anchor="middle" fill="${ink.quiet}"`
    ),
    ...panel.lines.flatMap(({ color, points }) => [
      `<polyline fill="none" stroke="${color}" stroke-width="2" points="${points.map(({ size, value }) => `${place(x(size))},${place(y(value))}`).join(" ")}"/>`,
      ...points.flatMap(({ limit, size, value }) => [
        `<circle cx="${place(x(size))}" cy="${place(y(value))}" r="3.5" stroke="${color}" stroke-width="1.5" fill="${limit ? ink.paper : color}"/>`,
        text(
          x(size),
          y(value) - 8,
          `${limit ? "> " : ""}${short(value)}`,
          `font-size="10" text-anchor="middle" fill="${color}"`
        )
      ])
    ]),
    "</g>"
  ]
}

const legend = (lines: ReadonlyArray<Line>): ReadonlyArray<string> =>
  lines.flatMap(({ color, label }, index) => [
    `<circle cx="${margin.left + 6 + index * 130}" cy="36" r="5" fill="${color}"/>`,
    text(margin.left + 18 + index * 130, 40, label, `font-size="12" fill="${ink.text}"`)
  ])

/** The plot of what `growth` measured: formation, rest and broadcasts over the number of nodes. */
export const growthPlot = ({ measurements }: Section): string => {
  const names = [...new Set(measurements.map(({ contestant }) => contestant))]
  const lines = (unit: string, scale = 1): ReadonlyArray<Line> =>
    names.map((label) => ({
      label,
      color: colors[label] ?? ink.text,
      points: allSizes.flatMap((size) => {
        const found = measurements.find(
          (one) => one.what === nodesOf(size) && one.contestant === label && one.unit === unit
        )
        const value = median(found?.samples ?? []) / scale
        return value > 0 ? [{ size, value, limit: found?.note !== undefined }] : []
      })
    }))
  const panels: ReadonlyArray<Panel> = [
    {
      title: "Formation",
      unit: 'seconds from "go" until each node sees all, logarithmic',
      log: true,
      lines: lines(series.formation, 1_000)
    },
    {
      title: "Broadcasts",
      unit: "broadcasts a second that reached every node, 64 B, logarithmic",
      log: true,
      lines: lines(series.broadcasts)
    },
    { title: "CPU of an idle node", unit: "percent of a core", log: false, lines: lines(series.cpu) },
    {
      title: "Memory of an idle node",
      unit: "MiB (RSS) of a process with one node",
      log: false,
      lines: lines(series.memory)
    }
  ]
  const [width, height] = [2 * panelWidth, headHeight + 2 * panelHeight + footHeight]
  const drawn = panels.filter((panel) => panel.lines.some(({ points }) => points.length > 0))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" role="img" aria-label="Formation, broadcasts, CPU and memory of clusters of 10 to 100 nodes">`,
    `<rect width="${width}" height="${height}" fill="${ink.paper}"/>`,
    ...legend(panels[0]?.lines ?? []),
    ...drawn.flatMap((panel, index) =>
      drawPanel(panel, (index % 2) * panelWidth, headHeight + Math.floor(index / 2) * panelHeight)
    ),
    "</svg>",
    ""
  ].join("\n")
}
