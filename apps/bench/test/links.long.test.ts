import { describe, expect, it } from "vitest"
import { Desk } from "../src/roles/desk.ts"
import { links } from "../src/links/links.ts"
import { memory } from "../src/links/memory.ts"
import type { RunContext } from "../src/section.ts"

const raw = ["write", "cork", "slab", "slab-tls", "ws-send", "ws-cork"]
const gc = ["gc-tcp-batch", "gc-tcp-send", "gc-tcp-typed", "gc-psk-batch", "gc-psk-send", "gc-ws-batch", "gc-ws-send"]

/** What was said while it ran; a contestant that is left out is said. */
const context = (): RunContext & { readonly said: Array<string> } => {
  const said: Array<string> = []
  const signal = new AbortController().signal
  return { published: false, quick: true, rounds: 1, progress: (line) => void said.push(line), said, signal }
}

describe("links", () => {
  it("measures raw sockets, ws and gc at everything, and leaves none out", { timeout: 120_000 }, async () => {
    const asked = context()
    const { measurements, ratios } = await links(asked)
    expect(asked.said.filter((line) => /left out|failed/.test(line))).toStrictEqual([])
    for (const what of ["one way, 64 B", "one way, 16 KiB"]) {
      const paces = measurements.filter((one) => one.what === what && one.unit === "messages/s")
      expect(paces.map(({ contestant }) => contestant)).toStrictEqual([...raw, ...gc])
    }
    expect(measurements.flatMap(({ samples }) => samples).filter((sample) => !(sample > 0))).toStrictEqual([])
    const required = ratios.filter((ratio) => ratio.required !== undefined)
    expect(required.map(({ of, to, what }) => `${what}: ${of}/${to}`)).toStrictEqual([
      "one way, 64 B: messages/s: gc-tcp-batch/slab",
      "100 requests at a time: gc-tcp-send/slab"
    ])
  })

  it("sees what a reader that stops holds up", { timeout: 60_000 }, async () => {
    const asked = context()
    const { measurements } = await memory({ ...asked, contestants: ["slab", "gc-tcp-batch"] })
    const taken = measurements.filter(({ unit }) => unit === "MiB taken by send")
    expect(taken.map(({ contestant }) => contestant)).toStrictEqual(["slab", "gc-tcp-batch"])
    // Of 256 MiB: the sender was held up.
    expect(taken.flatMap(({ samples }) => samples).filter((sample) => sample > 64)).toStrictEqual([])
  })

  it("ends its processes when it is told to", { timeout: 60_000 }, async () => {
    const abort = new AbortController()
    const asked = { ...context(), signal: abort.signal, contestants: ["slab"] }
    const run = links({
      ...asked,
      rounds: 50,
      progress: (line) => (line.includes("round 2") ? abort.abort() : undefined)
    })
    await expect(run).rejects.toThrow("aborted")
  })
})

describe("the serving end", () => {
  it("refuses a message of another size", () => {
    const desk = new Desk()
    desk.expect("slab", "count", 64, 1)
    expect(() => desk.take(63)).toThrow("63 bytes, not 64")
  })
})
