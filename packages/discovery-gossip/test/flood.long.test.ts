import { assert, describe, it } from "@effect/vitest"
import * as Gossip from "@gc/discovery-gossip"
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { beaconOf, contextOf, freeGroup, type Group, tap } from "./support/network.ts"
import { counts, run, textOf, until } from "./support/running.ts"

const program = fileURLToPath(new URL("support/flood.ts", import.meta.url))

const flood = (group: Group, head: Uint8Array) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const args = [program, String(group.port), group.multicastAddr, "20000", Buffer.from(head).toString("hex")]
      return spawn(process.execPath, args, { stdio: ["pipe", "inherit", "inherit"] })
    }),
    (child) =>
      Effect.callback<void>((resume) => {
        child.once("exit", () => resume(Effect.void))
        child.stdin.end()
      })
  )

/** What stands readable before the ciphertext of `b`'s beacons, without the counter. */
const header = beaconOf("b").subarray(0, 4 + 1 + 8 + 3 + 16)

const floods: ReadonlyArray<readonly [what: string, head: Uint8Array, reasons: ReadonlyArray<string>]> = [
  ["that are nothing", new Uint8Array(0), ["magic"]],
  ["that claim to be of the cluster", header.subarray(0, 16), ["over_limit", "tag"]],
  ["in the name of a peer", header, ["overload", "tag"]]
]

describe("20,000 packets a second from another process,", () => {
  it.live.each(floods)("%s: the peer's own beacons get through, and nothing else does", ([, head, reasons]) =>
    Effect.gen(function* () {
      const group = yield* freeGroup
      const wire = yield* tap(group)
      const source = yield* Gossip.make({ ...group, interval: "200 millis" })
      const running = yield* run(source, contextOf("a"))
      // Below every counter that a forged packet has: were one of those taken, these would be replays.
      let counter = 1n
      const say = (address: string) => wire.send(beaconOf("b", { addresses: [address] }, { counter: counter++ }))
      yield* until("the first beacon", () => wire.packets.length > 0)
      say("tcp://h:1")
      yield* until("b", () => running.looks.length === 1)
      yield* flood(group, head)
      yield* until("the flood", () => wire.packets.length > 20_000)
      for (let round = 2; round < 6; round++) {
        const text = `b@127.0.0.1 at tcp://h:${round}`
        // A full receive buffer may drop one: a node says it again and again, too.
        yield* until(text, () => {
          say(`tcp://h:${round}`)
          return textOf(running.looks.at(-1)) === text
        })
      }
      yield* running.stop
      assert.isTrue(running.looks.every((look) => look._tag === "Peers" && look.peers.length === 1))
      const junk = yield* counts("gc_gossip_junk", "reason", "a@127.0.0.1")
      const counted = reasons.reduce((sum, reason) => sum + (junk.get(reason) ?? 0), 0)
      assert.isAbove(counted, 10_000)
    })
  )
})
