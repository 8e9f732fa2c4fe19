/** What one run takes at N = 50, in seconds of one thread of an ordinary server, where that is not half a second. */
const costs: Readonly<Record<string, number>> = {
  kill: 0.8,
  "silent-loss1": 0.3,
  "silent-loss5": 0.3,
  stopped: 0.3,
  crash: 0.3,
  leave: 0.3,
  start: 0.1,
  still: 2.4,
  loss1: 2.5,
  loss5: 2.4,
  cost: 0.2,
  proxy: 0.2,
  "one-way": 0.3,
  "one-way-open": 0.3,
  flap: 1.0,
  listener: 0.2,
  duplicates: 1.0,
  "twin-clock": 0.8,
  half: 0.8,
  "half-long": 4.5,
  swizzle: 1.0,
  restart: 1.8,
  "restart-graceful": 2.0,
  "restart-clock": 0.3,
  "restart-unseen": 0.3,
  swap: 0.2,
  "clock-ahead": 0.1,
  "clock-behind": 0.1,
  "discovery-empty": 0.3,
  "discovery-failing": 0.2,
  "discovery-half": 0.3,
  "discovery-late": 0.2,
  chaos: 1.1
}

/** The time grows faster than the pairs do: neighbours tell each other of all others, and the memory is less and less at hand. */
const growth = (size: number): number => (Math.min(size, 200) / 50) ** 2.6 * Math.max(1, size / 200) ** 3.2

/** Runs of a fixed number of node-hours are shorter where there are more nodes. */
const fixedHours = new Set(["still", "loss1", "loss5"])

/** In a large mesh these do once what they do several times in a small one. */
const shortened: Readonly<Record<string, number>> = { kill: 4, leave: 3, proxy: 3, swizzle: 3, flap: 2 }

/** About how many seconds of one thread a run takes. */
export const costOf = ({ scenario, size }: { readonly scenario: string; readonly size: number }): number => {
  const cost = costs[scenario] ?? 0.5
  if (fixedHours.has(scenario)) return cost * Math.max(0.3, size / 50) ** 1.8
  const once = size > 100 ? (shortened[scenario] ?? 1) : 1
  return 0.01 + (cost / once) * growth(size)
}

/** A number of seconds, as people say it. */
export const minutes = (seconds: number): string =>
  seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`
