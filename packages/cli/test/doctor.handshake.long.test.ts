import * as Address from "@gc/core/Address"
import * as Peer from "@gc/core/Peer"
import * as Effect from "effect/Effect"
import { assert, describe, it } from "vitest"
import { checkLoopback } from "../src/internal/doctor/peers.ts"
import {
  at,
  type Examined,
  examined,
  freePort,
  isWell,
  namesProblem,
  node,
  onlyIn,
  otherCookie,
  run,
  seenBy
} from "./doctor/setUp.ts"

const listing = (...nodes: ReadonlyArray<string>) => ({ discovery: { static: { nodes } } })

describe("doctor, with a peer in a set-up of its own,", () => {
  it("says that all is well where it is, and changes nothing there", () =>
    run(
      Effect.gen(function* () {
        const b = yield* node("b@127.0.0.1")
        const seen = yield* seenBy(b)
        const examination = yield* examined(listing(at(b)))
        isWell(examination, "configuration", "cookie", "listen", "advertise", "discovery", "peer", "names")
        assert.deepStrictEqual(yield* seen, { members: ["b@127.0.0.1 alive"], events: ["Up b@127.0.0.1"] })
      })
    ))

  it.each(["psk", "plain"] as const)("names a wrong cookie (%s)", (security) =>
    run(
      Effect.gen(function* () {
        const b = yield* node("b@127.0.0.1", { security, cookie: otherCookie })
        const broken = yield* examined({ security, ...listing(at(b)) })
        namesProblem(broken, "peer", "wrong_cookie", /cookies/)
        onlyIn(broken, "peer")
        isWell(yield* examined({ security, cookie: otherCookie, ...listing(at(b)) }), "peer")
      })
    )
  )

  it.each(["psk", "plain"] as const)("names another cluster (%s)", (security) =>
    run(
      Effect.gen(function* () {
        const b = yield* node("b@127.0.0.1", { security, cluster: "invoices" })
        const broken = yield* examined({ security, ...listing(at(b)) })
        namesProblem(broken, "peer", "other_cluster", /option cluster/)
        onlyIn(broken, "peer")
        isWell(yield* examined({ security, cluster: "invoices", ...listing(at(b)) }), "peer")
      })
    )
  )

  it.each([
    ["psk", "plain"],
    ["plain", "psk"]
  ] as const)("names security %s where the peer has %s", (own, theirs) =>
    run(
      Effect.gen(function* () {
        const b = yield* node("b@127.0.0.1", { security: theirs })
        const broken = yield* examined({ security: own, ...listing(at(b)) })
        const { detail } = namesProblem(broken, "peer", "mode_mismatch", /same/)
        assert.include(detail, `it is a gc node with security ${theirs}`)
        onlyIn(broken, "peer")
        isWell(yield* examined({ security: theirs, ...listing(at(b)) }), "peer")
      })
    )
  )

  it("names two peers that carry one name", () =>
    run(
      Effect.gen(function* () {
        const one = yield* node("b@127.0.0.1")
        const other = yield* node("b@127.0.0.1")
        const broken = yield* examined(listing(at(one), at(other)))
        const { detail } = namesProblem(broken, "names", "name_conflict", /name of its own/)
        assert.match(detail, /two nodes carry the name b@127\.0\.0\.1/)
        onlyIn(broken, "names")
        const third = yield* node("c@127.0.0.1")
        isWell(yield* examined(listing(at(one), at(third))), "names")
      })
    ))

  it("names a peer that carries this node's name", () =>
    run(
      Effect.gen(function* () {
        const other = yield* node("a@127.0.0.1")
        const transport = { tcp: { host: "127.0.0.1", port: yield* freePort } }
        const broken = yield* examined({ transport, ...listing(at(other)) })
        const { detail } = namesProblem(broken, "names", "name_conflict", /rename/)
        assert.match(detail, /runs already/)
        isWell(yield* examined({ transport, node: "d@127.0.0.1", ...listing(at(other)) }), "names")
      })
    ))

  it("only warns where nobody can tell this node from another one of its name, and where nobody is looked for", () =>
    run(
      Effect.gen(function* () {
        const a = yield* node("a@127.0.0.1")
        const [warned] = warnings(yield* examined(listing(at(a))))
        assert.strictEqual(warned, "names name_in_use")
        assert.deepStrictEqual(warnings(yield* examined({})), ["discovery no_discovery"])
        const far = [{ peer: Peer.fromAddress(Address.parseUnsafe("tcp://10.0.0.7:4370")), sources: ["static"] }]
        const near = [{ peer: Peer.fromAddress(a.self.addresses[0]!), sources: ["static"] }]
        assert.strictEqual(checkLoopback(a.self.addresses, far)[0]?.reason, "loopback_advertised")
        assert.deepStrictEqual(checkLoopback(a.self.addresses, near), [])
      })
    ))
})

const warnings = ({ findings }: Examined): ReadonlyArray<string> =>
  findings.filter(({ status }) => status === "warning").map(({ reason, step }) => `${step} ${reason}`)
