/** Which counters of a sender were taken (as RFC 4303 section 3.4.3 does it): the highest, and the 64 from it downwards. */
export interface ReplayWindow {
  /** The highest counter taken; −1 before the first. */
  top: bigint
  /** Bit n stands for `top − n`. */
  seen: bigint
}

const width = 64n
const mask = (1n << width) - 1n

/** Whether a counter was not taken yet, as far as the window tells: one below it counts as taken. */
export const fits = ({ seen, top }: ReplayWindow, counter: bigint): boolean => {
  if (counter > top) return true
  const behind = top - counter
  return behind < width && ((seen >> behind) & 1n) === 0n
}

/** Takes a counter that fits. */
export const take = (window: ReplayWindow, counter: bigint): void => {
  if (counter > window.top) {
    const ahead = counter - window.top
    window.seen = ahead >= width ? 1n : ((window.seen << ahead) | 1n) & mask
    window.top = counter
    return
  }
  window.seen |= 1n << (window.top - counter)
}
