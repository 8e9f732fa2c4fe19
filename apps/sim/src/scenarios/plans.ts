import type { Scenario } from "../run.ts"

/** How many seeds of each size a scenario runs with, unless it has its own plan. */
export const usual: Scenario["plan"] = {
  short: { 3: 10, 10: 10, 50: 2 },
  default: { 3: 20, 10: 20, 50: 2, 200: 1 },
  long: { 3: 100, 10: 100, 50: 20, 200: 2, 500: 1 }
}

/** For those of the protocol's table that need no mesh of three or of 500 besides. */
export const tabled: Scenario["plan"] = {
  short: { 10: 10 },
  default: { 10: 20, 50: 2, 200: 1 },
  long: { 10: 100, 50: 20, 200: 2 }
}

/** For scenarios that the table does not have. */
export const sparse: Scenario["plan"] = {
  short: { 10: 10 },
  default: { 10: 20, 50: 1 },
  long: { 10: 100, 50: 10, 200: 1 }
}
