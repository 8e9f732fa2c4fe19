/** Milliseconds on the machine's monotonic clock: one clock for all processes of a machine, whatever happens to its date. */
export const now = (): number => Number(process.hrtime.bigint()) / 1_000_000
