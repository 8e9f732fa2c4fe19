import type { Machine } from "./simulation.ts"

const firstFreePort = 49152
const ports = 65536 - firstFreePort

/** A port that nothing on the machine uses, in the range of the IANA's dynamic ports. */
export const freePort = (machine: Machine): number => {
  do machine.nextPort = firstFreePort + ((machine.nextPort + 1 - firstFreePort) % ports)
  while (machine.listeners.has(machine.nextPort))
  return machine.nextPort
}
