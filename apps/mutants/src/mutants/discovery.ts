import type { Mutant } from "./types.ts"

const of =
  (plugin: string) =>
  (name: string, what: string, file: string, find: string, replace: string, caughtBy: string): Mutant => ({
    name,
    what,
    plugin,
    file: `${plugin}/src/${file}`,
    find,
    replace,
    caughtBy
  })

const dns = of("discovery-dns")
const epmd = of("discovery-epmd")
const gossip = of("discovery-gossip")
const list = of("discovery-static")

const checks = {
  change: "a change is a look of the whole new set, and nothing in between",
  failure: "a look that failed is said, is never an empty set, and does not end the source",
  first: "the first look is the whole set, marked with the source's name",
  found: "nodes of one cluster that are announced find each other, as long as they are there",
  infinite: "with an infinite interval it looks once, and ends when it announces nobody",
  moved: "a node that listens elsewhere now is found there",
  nobody: "that there is nobody is a look of the empty set",
  quiet: "a node that is not to be announced is not",
  silence: "a look that gets no answer fails in time, and is no empty set",
  sockets: "it can be interrupted at any moment, and leaves nothing open",
  withdrawn: "a node is announced while it runs the source, and withdrawn when that ends"
} as const

/** Faults of discovery-dns. */
const ofDns: ReadonlyArray<Mutant> = [
  dns(
    "dns-servfail-is-nobody",
    "a server that fails is believed to know nobody",
    "internal/exchange.ts",
    "if (reply.rcode === rcodes.NOERROR || reply.rcode === rcodes.NXDOMAIN) return",
    "return",
    checks.failure
  ),
  dns(
    "dns-failure-is-nobody",
    "a look that fails is one of nobody",
    "internal/places.ts",
    "if (cause === undefined)",
    "if (failures.length >= 0)",
    checks.failure
  ),
  dns(
    "dns-nxdomain-fails",
    "a name that nobody has any more is a failure",
    "internal/exchange.ts",
    "reply.rcode === rcodes.NOERROR || reply.rcode === rcodes.NXDOMAIN",
    "reply.rcode === rcodes.NOERROR",
    checks.nobody
  ),
  dns(
    "dns-one-address",
    "of several addresses the first counts",
    "internal/look.ts",
    'records.filter((record): record is string => typeof record === "string")',
    'records.filter((record): record is string => typeof record === "string").slice(0, 1)',
    checks.first
  ),
  dns(
    "dns-waits-for-ever",
    "a look waits for an answer without end",
    "internal/lookUp.ts",
    "duration: given.timeout, orElse",
    "duration: 3_600_000, orElse",
    checks.silence
  ),
  dns(
    "dns-socket-stays",
    "an interrupted question leaves its socket open",
    "internal/udp.ts",
    "return Effect.sync(close)",
    "return Effect.void",
    "a source that waits for an answer ends at once when it is interrupted, and leaves nothing open"
  ),
  dns(
    "dns-looks-once",
    "it never looks again",
    "Dns.ts",
    "lookup: () => lookup, interval, timeout })",
    "lookup: () => lookup, interval: Duration.infinity, timeout })",
    "the looks do not end"
  ),
  dns(
    "dns-looks-on",
    "an infinite interval is taken for the usual one",
    "Dns.ts",
    "lookup: () => lookup, interval, timeout })",
    'lookup: () => lookup, interval: interval ?? "5 seconds", timeout })',
    checks.infinite
  )
]

/** Faults of discovery-epmd. */
const ofEpmd: ReadonlyArray<Mutant> = [
  epmd(
    "epmd-announces-anyway",
    "a node that is not to be announced is registered",
    "internal/source.ts",
    "settings.register && context.announce !== false",
    "settings.register",
    checks.quiet
  ),
  epmd(
    "epmd-failure-is-nobody",
    "an epmd that does not answer is believed to know nobody",
    "internal/source.ts",
    "Effect.mapError((error) => new Discovery.LookFailed({ detail: error.message, code: codeOf(error), cause: error }))",
    "Effect.catch(() => Effect.succeed<Array<Peer.Peer>>([]))",
    checks.failure
  ),
  epmd(
    "epmd-stays-registered",
    "the registration outlives the source",
    "Client.ts",
    "yield* Effect.addFinalizer(() => Effect.sync(() => socket?.destroy()))",
    "",
    checks.withdrawn
  ),
  epmd(
    "epmd-forgets-nobody",
    "who is not listed any more stays a peer",
    "internal/source.ts",
    "new Map(unsettled ? [...state.peers, ...peers] : peers)",
    "new Map([...state.peers, ...peers])",
    checks.change
  ),
  epmd(
    "epmd-ends-with-its-look",
    "with an infinite interval the node is withdrawn after its look",
    "internal/source.ts",
    "return registering === undefined ? looks : Stream.concat(looks, Stream.never)",
    "return looks",
    "with an infinite interval a node stays announced"
  ),
  epmd(
    "epmd-once-a-minute",
    "the interval that is asked for does not count",
    "internal/source.ts",
    "interval: settings.interval,",
    'interval: "1 minute",',
    "it looks again after the interval"
  ),
  epmd(
    "epmd-socket-stays",
    "an interrupted question leaves its socket open",
    "internal/exchange.ts",
    "return Effect.sync(() => socket.destroy())",
    "return Effect.void",
    "at whatever moment it is interrupted, nobody stays announced"
  ),
  epmd(
    "epmd-registers-anyway",
    "a node registers that is only to ask",
    "internal/source.ts",
    "settings.register && context.announce !== false",
    "context.announce !== false",
    "nobody is announced by a source that says that it announces nobody"
  ),
  epmd(
    "epmd-announces-its-peer",
    "it registers another address than its own",
    "internal/extra.ts",
    "const address = self.addresses.find(Address.isDialable)",
    "const address = self.addresses.map((each) => ({ ...each, port: 1 })).find(Address.isDialable)",
    checks.found
  ),
  epmd(
    "epmd-any-cluster",
    "nodes of every cluster are peers",
    "internal/source.ts",
    "announced.filter((each) => isOf(each, state.tag))",
    "announced.filter(() => true)",
    "a node of another cluster is not found"
  ),
  epmd(
    "epmd-stays-where-it-was",
    "a node that listens elsewhere now is not registered anew",
    "internal/registering.ts",
    "Effect.raceFirst(Effect.asSome(registration.lost), Effect.asVoid(moved(state, announced)))",
    "Effect.asSome(registration.lost)",
    checks.moved
  ),
  epmd(
    "epmd-names-another",
    "a peer has the name of who asks",
    "internal/source.ts",
    "[each.name, { name: each.name,",
    "[each.name, { name: NodeName.make(state.self),",
    checks.first
  )
]

/** Faults of discovery-gossip. */
const ofGossip: ReadonlyArray<Mutant> = [
  gossip(
    "gossip-announces-anyway",
    "a node that is not to be announced sends beacons",
    "Gossip.ts",
    "announce: context.announce !== false",
    "announce: true",
    checks.quiet
  ),
  gossip(
    "gossip-forgets-nobody",
    "who is silent stays a peer",
    "internal/neighbours.ts",
    "if (now - heardAt >= this.#lifetime) this.#all.delete(key)",
    "if (now - heardAt >= Infinity) this.#all.delete(key)",
    checks.change
  ),
  gossip(
    "gossip-sockets-stay",
    "the sockets outlive the source",
    "internal/gossip.ts",
    "yield* Effect.addFinalizer(() => end)",
    "",
    checks.sockets
  ),
  gossip(
    "gossip-says-what-is-new",
    "a look has one peer",
    "internal/hearing.ts",
    "return Discovery.peers(peers)",
    "return Discovery.peers(peers.slice(0, 1))",
    checks.first
  ),
  gossip(
    "gossip-old-address",
    "beacons say where the node listened at first",
    "internal/gcFormat.ts",
    "addresses: self.addresses.slice(0, 8).map(Address.format)",
    "addresses: (self.was ??= self.addresses.slice(0, 8).map(Address.format))",
    checks.moved
  ),
  gossip(
    "gossip-goes-on",
    "what a run does goes on when it has ended",
    "internal/gossip.ts",
    'yield* Effect.all([keepOpen, beat, answer, say, pass], { concurrency: "unbounded", discard: true })',
    'yield* Effect.forkDetach(Effect.all([keepOpen, beat, answer, say, pass], { concurrency: "unbounded" })), yield* Effect.never',
    checks.sockets
  ),
  gossip(
    "gossip-never-empty",
    "it does not say that there is nobody any more",
    "internal/hearing.ts",
    "if (this.#failing || text === this.#said) return undefined",
    'if (this.#failing || text === this.#said || text === "") return undefined',
    checks.nobody
  ),
  gossip(
    "gossip-one-beacon",
    "a node sends one beacon and answers, and no more",
    "internal/gossip.ts",
    "yield* Effect.sleep(yield* Random.nextBetween(settings.shortest, settings.longest))",
    "yield* Effect.sleep(3_600_000)",
    checks.nobody
  )
]

/** Faults of discovery-static. */
const ofList: ReadonlyArray<Mutant> = [
  list(
    "static-goes-on",
    "the looks of a final set do not end",
    "Static.ts",
    "looks: () => Stream.succeed(look)",
    "looks: () => Stream.concat(Stream.succeed(look), Stream.never)",
    "the looks end after the last one"
  ),
  list(
    "static-nobody-first",
    "the first look is one of nobody",
    "Static.ts",
    "looks: () => Stream.succeed(look)",
    "looks: () => Stream.make(Discovery.peers([]), look)",
    checks.first
  ),
  list(
    "static-names-lost",
    "a name with a port is only an address",
    "internal/entries.ts",
    "(address): Peer.Peer => ({ name, address })",
    "(address): Peer.Peer => ({ address })",
    checks.first
  )
]

/** Faults of the discoveries. */
export const discovery: ReadonlyArray<Mutant> = [...ofDns, ...ofEpmd, ...ofGossip, ...ofList]
