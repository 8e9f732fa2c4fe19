/** What one run takes at N = 50, in seconds of one thread of an ordinary server, where that is not 0.6. */
const costs: Readonly<Record<string, number>> = {
  kill: 0.96,
  "silent-loss1": 0.36,
  "silent-loss5": 0.36,
  stopped: 0.36,
  crash: 0.36,
  leave: 0.36,
  start: 0.12,
  still: 2.88,
  loss1: 3.0,
  loss5: 2.88,
  cost: 0.24,
  proxy: 0.24,
  "one-way": 0.36,
  "one-way-open": 0.36,
  flap: 1.2,
  listener: 0.24,
  duplicates: 1.2,
  "twin-clock": 0.96,
  half: 0.96,
  "half-long": 5.4,
  swizzle: 1.2,
  restart: 2.16,
  "restart-graceful": 2.4,
  "restart-clock": 0.36,
  "restart-unseen": 0.36,
  swap: 0.24,
  "clock-ahead": 0.12,
  "clock-behind": 0.12,
  "discovery-empty": 0.36,
  "discovery-failing": 0.24,
  "discovery-half": 0.36,
  "discovery-late": 0.24,
  chaos: 1.32
}

/** The time grows faster than the pairs do: neighbours tell each other of all others, and the memory is less and less at hand. */
const growth = (size: number): number => (Math.min(size, 200) / 50) ** 2.6 * Math.max(1, size / 200) ** 3.2

/** Runs of a fixed number of node-hours are shorter where there are more nodes. */
const fixedHours = new Set(["still", "loss1", "loss5"])

/** In a large mesh these do once what they do several times in a small one. */
const shortened: Readonly<Record<string, number>> = { kill: 4, leave: 3, proxy: 3, swizzle: 3, flap: 2 }

/** About how many seconds of one thread a run takes. */
export const costOf = ({ scenario, size }: { readonly scenario: string; readonly size: number }): number => {
  const cost = costs[scenario] ?? 0.6
  if (fixedHours.has(scenario)) return cost * Math.max(0.3, size / 50) ** 1.8
  const once = size > 100 ? (shortened[scenario] ?? 1) : 1
  return 0.01 + (cost / once) * growth(size)
}

/** A number of seconds, as people say it. */
export const minutes = (seconds: number): string =>
  seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`
