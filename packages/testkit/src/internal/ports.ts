import type { Machine } from "./simulation.ts"

const firstFreePort = 49152
const ports = 65536 - firstFreePort

/** A port that nothing on the machine uses, in the range of the IANA's dynamic ports. */
export const freePort = (machine: Machine): number => {
  let port: number
  do port = firstFreePort + (machine.portsTaken++ % ports)
  while (machine.listeners.has(port))
  return port
}
