import type { Verdict } from "../../src/protocol/linkFrames.ts"
import { Bench, peer } from "./bench.ts"

/** A node with a suspect `x@host` and witnesses, all linked. */
export const withWitnesses = (count: number) => {
  const node = new Bench()
  const witnesses = Array.from({ length: count }, (_, index) => node.accept(peer(`w${index}@host`)))
  const link = node.accept(peer("x@host"))
  node.events()
  node.outputs = []
  return { node, witnesses, link }
}

/** Lets time pass while the witnesses are heard and answer every CHECK alike. */
export const witness = (
  { node, witnesses }: { readonly node: Bench; readonly witnesses: ReadonlyArray<number> },
  ms: number,
  answer: { readonly verdict: Verdict; readonly ageMs: number } | undefined
): number => {
  let asked = 0
  for (let passed = 0; passed < ms; passed += 250) {
    node.pass(250)
    for (const link of witnesses) {
      for (const frame of node.sent(link)) {
        if (frame._tag !== "Check") continue
        asked++
        if (answer !== undefined) node.frame(link, { _tag: "Vouch", nonce: frame.nonce, ...answer })
      }
      node.beat(link)
    }
  }
  return asked
}
