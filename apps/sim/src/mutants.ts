/** One place where a mutant differs from the protocol. */
interface Change {
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** The protocol with one rule broken, and the scenario that shows it. */
export interface Mutant {
  readonly name: string
  readonly what: string
  readonly changes: ReadonlyArray<Change>
  readonly scenario: string
  readonly size: number
}

const change = (file: string, find: string, replace: string): Change => ({ file, find, replace })

/** Rules of the protocol, each broken once: the simulator must notice every one. */
export const mutants: ReadonlyArray<Mutant> = [
  {
    name: "first-wins",
    what: "of two links the first is kept",
    changes: [
      change("linking.ts", "return a.attempt > b.attempt", "return false"),
      change("linking.ts", 'return (a.initiator === "self") === self < a.name', "return false")
    ],
    scenario: "duplicates",
    size: 10
  },
  {
    name: "last-wins",
    what: "of two links the last is kept",
    changes: [
      change("linking.ts", "return a.attempt > b.attempt", "return true"),
      change("linking.ts", 'return (a.initiator === "self") === self < a.name', "return true")
    ],
    scenario: "duplicates",
    size: 10
  },
  {
    name: "hearsay",
    what: "a witness's word alone brings a peer down",
    changes: [
      change(
        "witnesses.ts",
        "member.witnessedClosed = true\n    return concludeProbe(state, member, now)",
        'return goDown(state, member, "closed", now)'
      )
    ],
    scenario: "listener",
    size: 10
  },
  {
    name: "no-jitter",
    what: "the backoff is always its bound",
    changes: [
      change("dialing.ts", "return wait + state.random.next() * bound", "return wait + bound"),
      change("dialing.ts", "around(state.random, 500, 250)", "500")
    ],
    scenario: "herd",
    size: 50
  },
  {
    name: "no-cap",
    what: "the backoff doubles for ever",
    changes: [
      change("dialing.ts", "Math.min(reconnect.max, reconnect.initial", "Math.min(Infinity, reconnect.initial")
    ],
    scenario: "half-long",
    size: 4
  },
  {
    name: "conflict-for-ever",
    what: "after a name conflict the generation is never raised again",
    changes: [change("receiving.ts", "now - state.conflictAt >= limits.conflict", "state.conflictAt === -Infinity")],
    scenario: "clock-ahead",
    size: 10
  },
  {
    name: "all-dials-at-once",
    what: "as many dials at once as there are peers",
    changes: [
      change("figures.ts", "dials: 32,", "dials: 1_000,"),
      change("figures.ts", "listedDials: 24,", "listedDials: 1_000,"),
      change("figures.ts", "freshDials: 4,", "freshDials: 1_000,")
    ],
    scenario: "start",
    size: 50
  },
  {
    name: "no-stall-guard",
    what: "a node that was stopped judges by the clock alone",
    changes: [change("step.ts", "if (late > state.tick / 2) {", "if (late > Infinity) {")],
    scenario: "stall",
    size: 10
  },
  {
    name: "no-witnesses",
    what: "nobody is asked before a silent peer is down",
    changes: [change("witnesses.ts", "Math.min(limits.witnesses, Math.max(0, state.live - 1))", "0")],
    scenario: "one-way",
    size: 10
  },
  {
    name: "witness-of-any-age",
    what: "a witness's word never grows old",
    changes: [
      change("witnesses.ts", "now - member.vouchedAt <= state.options.figures.suspectAfter", "member.vouchedAt > 0")
    ],
    scenario: "silent",
    size: 10
  },
  {
    name: "failure-as-empty",
    what: "a look that fails is taken for an empty set",
    changes: [
      change("step.ts", "return lookFailed(state, input.source, now)", "return lookCame(state, input.source, [], now)"),
      change("discovered.ts", "if (source.shrinking >= limits.shrinkLooks) return false", "return false")
    ],
    scenario: "discovery-failing",
    size: 10
  },
  {
    name: "no-hysteresis",
    what: "a peer that one look leaves out is gone",
    changes: [
      change("figures.ts", "absentLooks: 3", "absentLooks: 1"),
      change("figures.ts", "shrinkLooks: 10", "shrinkLooks: 1")
    ],
    scenario: "discovery-half",
    size: 10
  },
  {
    name: "no-grace",
    what: "a lost link is doubted aloud at once",
    changes: [
      change("figures.ts", "grace: 500", "grace: 0"),
      change("dialing.ts", "if (now - member.probedAt < limits.probeEvery) return", "return")
    ],
    scenario: "proxy",
    size: 10
  },
  {
    name: "no-probe",
    what: "a lost link is not redialed at once",
    changes: [
      change(
        "dialing.ts",
        "for (const address of addresses) state.probes.push",
        "for (const address of addresses) [].push"
      )
    ],
    scenario: "kill",
    size: 10
  },
  {
    name: "closed-is-dead",
    what: "a lost link alone brings a peer down",
    changes: [change("members.ts", "  startProbe(state, member, now)\n}", '  goDown(state, member, "closed", now)\n}')],
    scenario: "proxy",
    size: 10
  },
  {
    name: "older-generation",
    what: "an older life of a name replaces a newer one",
    changes: [
      change(
        "admission.ts",
        "sameLife ? peer.generation < known.generation : peer.generation <= known.generation",
        "false"
      ),
      change("admission.ts", "if (peer.generation <= current.peer.generation) return", "if (false) return"),
      change("linking.ts", "known.generation >= generation", "false"),
      change("linking.ts", "current.peer.generation >= generation) return true", "false) return true")
    ],
    scenario: "restart-clock",
    size: 10
  },
  {
    name: "left-not-final",
    what: "a life that has left may come back",
    changes: [
      change("admission.ts", 'if (sameLife && known.state === "left") return refuse(codes.not_admitted)', ""),
      change("linking.ts", 'known.state === "left"', "false"),
      change("members.ts", 'if (known.state === "down") {', 'if (known.state === "down" || known.state === "left") {'),
      change("step.ts", 'state.phase = "leaving"', "state.probes.length = 0")
    ],
    scenario: "leave",
    size: 10
  },
  {
    name: "newcomer-wins",
    what: "a second node of a name takes the incumbent's place",
    changes: [
      change(
        "admission.ts",
        "probeLink(state, current, now, peer.instance)\n    return refuse(codes.name_conflict)",
        "return admit"
      )
    ],
    scenario: "twin",
    size: 10
  },
  {
    name: "raise-once",
    what: "a generation is raised once in a life",
    changes: [change("figures.ts", "raises: 8", "raises: 1")],
    scenario: "clock-behind",
    size: 10
  },
  {
    name: "one-way-stays",
    what: "nobody tells the other side that nothing arrives",
    changes: [
      change("members.ts", 'goaway(state, link, "one_way", now)', "close(state, link, now)"),
      change("receiving.ts", "if (member.oneWayReports < 2) return", "return")
    ],
    scenario: "one-way-open",
    size: 10
  },
  {
    name: "secretive",
    what: "a neighbour that holds fewer links is not told of the others",
    changes: [
      change("exchange.ts", "return known < instances.size - (instances.has(link.name) ? 1 : 0)", "return false")
    ],
    scenario: "discovery-chain",
    size: 10
  },
  {
    name: "observers-join",
    what: "who comes to watch is taken for a member",
    changes: [
      change("admission.ts", "if (isObserver(input.peer)) return observerCame(state, input.link, input.peer, now)", "")
    ],
    scenario: "observers",
    size: 10
  },
  {
    name: "observers-without-end",
    what: "as many may watch as like to",
    changes: [
      change("observers.ts", "if (state.observers.size < limits.observers) return accepted", "return accepted")
    ],
    scenario: "observers",
    size: 10
  }
]

export const mutantOf = (name: string): Mutant => {
  const found = mutants.find((each) => each.name === name)
  if (found === undefined)
    throw new Error(`no mutant is called "${name}"; there are ${mutants.map((each) => each.name).join(", ")}`)
  return found
}
