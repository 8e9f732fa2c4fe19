/**
 * Reports as the nodes of a demo make them.
 */
import type { Report } from "../../src/messages.ts"
import { nodeNames } from "../../src/story.ts"

/** The nodes of the made-up demo. */
export const nodes = nodeNames(3)

const [n1, n2, n3] = nodes as [string, string, string]

/** The life of a node: its first one, or the one after. */
const instance = (node: string, life = 1): string => `${node.slice(0, 2)}-${life}`

const listening = (node: string, at: number, life = 1): Report => {
  const pid = 100 + at
  return {
    event: "listening",
    node,
    instance: instance(node, life),
    at,
    pid,
    address: `tcp://127.0.0.1:${40_000 + at}`
  }
}

/** One node sees something of another. */
export const sees = (
  node: string,
  event: "up" | "suspected" | "left",
  peer: string,
  at: number,
  { life = 1, peerLife = 1 } = {}
): Report => ({ event, node, instance: instance(node, life), at, peer, peerInstance: instance(peer, peerLife) })

/** One node sees another go down. */
export const seesDown = (node: string, peer: string, at: number): Report => ({
  event: "down",
  node,
  instance: instance(node),
  at,
  peer,
  peerInstance: instance(peer),
  reason: "closed"
})

const says = (node: string, at: number): Report => ({
  event: "said",
  node,
  instance: instance(node),
  at,
  text: `hello from ${node}`
})

/** One node hears another. */
export const hears = (node: string, peer: string, at: number, text = `hello from ${peer}`): Report => ({
  event: "heard",
  node,
  instance: instance(node),
  at,
  peer,
  text
})

const does = (node: string, event: "last-words" | "leaving", at: number): Report => ({
  event,
  node,
  instance: instance(node),
  at
})

/** A demo of three nodes in which all goes well. */
export const story: ReadonlyArray<Report> = [
  listening(n1, 1_000),
  listening(n2, 1_010),
  listening(n3, 1_020),
  sees(n1, "up", n2, 1_030),
  sees(n2, "up", n1, 1_031),
  sees(n1, "up", n3, 1_040),
  sees(n3, "up", n1, 1_041),
  sees(n2, "up", n3, 1_050),
  sees(n3, "up", n2, 1_070),
  says(n1, 1_100),
  says(n2, 1_101),
  says(n3, 1_102),
  hears(n1, n2, 1_103),
  hears(n1, n3, 1_104),
  hears(n2, n1, 1_105),
  hears(n2, n3, 1_106),
  hears(n3, n1, 1_107),
  hears(n3, n2, 1_108),
  does(n2, "last-words", 1_200),
  seesDown(n1, n2, 1_210),
  sees(n3, "suspected", n2, 1_215),
  seesDown(n3, n2, 1_220),
  listening(n2, 1_500, 2),
  sees(n1, "up", n2, 1_510, { peerLife: 2 }),
  sees(n2, "up", n1, 1_511, { life: 2 }),
  sees(n3, "up", n2, 1_520, { peerLife: 2 }),
  sees(n2, "up", n3, 1_530, { life: 2 }),
  does(n3, "leaving", 1_600),
  sees(n1, "left", n3, 1_601),
  sees(n2, "left", n3, 1_605, { life: 2 })
]
