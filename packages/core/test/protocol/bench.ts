import type { Identity } from "../../src/protocol/identity.ts"
import { defaultBackoff, presets } from "../../src/protocol/figures.ts"
import type { LinkFrame } from "../../src/protocol/linkFrames.ts"
import type { Metadata } from "../../src/protocol/metadata.ts"
import type { DialFailure, Input, MemberEvent, NodeOptions, Output } from "../../src/protocol/node.ts"
import { initial, type NodeState } from "../../src/protocol/state.ts"
import { step } from "../../src/protocol/step.ts"

/** When benches begin, in milliseconds since 1970. */
export const start = 1_000_000

type Tagged<Tag extends Output["_tag"]> = Extract<Output, { readonly _tag: Tag }>

const instanceOf = (name: string, life: number): string =>
  `${Buffer.from(name.split("@")[0] ?? "")
    .toString("hex")
    .slice(0, 24)}${life.toString(16).padStart(4, "0")}`.padStart(32, "0")

/** The address at which a bench expects a peer. */
export const addressOf = (name: string): string => `tcp://${name.split("@")[0]}.example:4370`

/** A peer's identity: the same name and life give the same instance; later lives have higher generations. */
export const peer = (name: string, given: Partial<Identity> & { readonly life?: number } = {}): Identity => {
  const { life = 1, ...rest } = given
  return {
    name,
    instance: instanceOf(name, life),
    generation: start - 100_000 + life,
    attempt: 0,
    cluster: "bench",
    capabilities: 0n,
    addresses: [addressOf(name)],
    ...rest
  }
}

/** One node under test. Time stands still until it is told to pass; whatever the node wants done is kept. */
export class Bench {
  readonly state: NodeState
  now = start
  /** Everything the node asked for since the last `take`. */
  outputs: Array<Output> = []
  #nextLink = 1

  constructor(
    options: Partial<NodeOptions> & {
      readonly name?: string
      readonly generation?: number
      readonly metadata?: Metadata
    } = {}
  ) {
    const { generation = start, metadata, name = "m@host", ...rest } = options
    this.state = initial({
      self: {
        cluster: "bench",
        name,
        instance: instanceOf(name, 1),
        generation,
        addresses: [addressOf(name)],
        capabilities: 0n
      },
      options: {
        figures: presets.lan,
        reconnect: defaultBackoff,
        refreshInterval: 5_000,
        onRemoved: "keep",
        peerExchange: true,
        maxMembers: 4_096,
        ...rest
      },
      ...(metadata !== undefined && { metadata }),
      seed: 7,
      now: this.now
    })
  }

  /** Gives the node an input now and answers what it asked for. */
  feed(input: Input): ReadonlyArray<Output> {
    const { outputs } = step(this.state, input, this.now)
    this.outputs.push(...outputs)
    return outputs
  }

  /** Lets time pass: wakes the node whenever it asked for it. */
  pass(ms: number): void {
    const end = this.now + ms
    while (this.state.wakeAt <= end) {
      this.now = this.state.wakeAt
      this.feed({ _tag: "Wake", activity: [] })
    }
    this.now = end
  }

  /** Stands still for a time, as a stopped process does, and is woken late. */
  stall(ms: number): ReadonlyArray<Output> {
    this.now += ms
    return this.feed({ _tag: "Wake", activity: [] })
  }

  /** What was asked for since the last time, of one kind; what is of other kinds stays. */
  take<Tag extends Output["_tag"]>(tag: Tag): ReadonlyArray<Tagged<Tag>> {
    const taken = this.outputs.filter((output): output is Tagged<Tag> => output._tag === tag)
    this.outputs = this.outputs.filter((output) => output._tag !== tag)
    return taken
  }

  /** The events since the last time: `Up a@host`, `Down(closed) a@host`. */
  events(): ReadonlyArray<string> {
    return this.take("Event").map(({ event }) => describe(event))
  }

  /** The frames that went out over a link since the last time. */
  sent(link: number): ReadonlyArray<LinkFrame> {
    const frames = this.outputs.filter((each): each is Tagged<"Send"> => each._tag === "Send" && each.link === link)
    this.outputs = this.outputs.filter((each) => each._tag !== "Send" || each.link !== link)
    return frames.map(({ frame }) => frame)
  }

  look(peers: ReadonlyArray<{ readonly name?: string; readonly address?: string }>, source = "static"): void {
    this.feed({ _tag: "Look", source, peers })
  }

  /** Somebody dials in; the decision for WELCOME. */
  authenticate(from: Identity): {
    readonly link: number
    readonly decision: number
    readonly retryAfterMs: number
    readonly knownGeneration: number
  } {
    const link = this.#nextLink++
    this.feed({ _tag: "Authenticated", link, peer: from })
    const verdict = this.take("Verdict").find((each) => each.link === link)
    if (verdict === undefined) throw new Error("the node gave no verdict")
    const { decision, knownGeneration, retryAfterMs } = verdict
    return { link, decision, knownGeneration, retryAfterMs }
  }

  /** Somebody dials in and comes up; its link. */
  accept(from: Identity, metadata: Metadata = {}): number {
    const { decision, link } = this.authenticate(from)
    if (decision !== 0) throw new Error(`refused with ${decision}`)
    this.feed({ _tag: "Ready", link, decision: 0, knownGeneration: 0 })
    this.frame(link, { _tag: "Meta", version: 1, metadata })
    return link
  }

  /** A dial is answered by WELCOME; the verdict for READY, if one was given. */
  welcome(
    dial: number,
    from: Identity,
    decision = 0,
    retryAfterMs = 0
  ): { readonly link: number; readonly decision: number | undefined } {
    const link = this.#nextLink++
    this.feed({ _tag: "Welcomed", dial, link, peer: from, decision, retryAfterMs })
    return { link, decision: this.take("Verdict").find((each) => each.link === link)?.decision }
  }

  frame(link: number, frame: LinkFrame): void {
    this.feed({ _tag: "Frame", link, frame })
  }

  /** A heartbeat of the peer. */
  beat(link: number, lastRecvAgeMs = 0): void {
    this.frame(link, { _tag: "Heartbeat", seq: 1, ackRequested: false, lastRecvAgeMs })
  }

  close(link: number): void {
    this.feed({ _tag: "LinkClosed", link })
  }

  /** Lets time pass while these links are heard every half second. */
  passHearing(ms: number, ...links: ReadonlyArray<number>): void {
    for (let passed = 0; passed < ms; passed += 500) {
      for (const link of links) this.beat(link)
      this.pass(Math.min(500, ms - passed))
    }
  }

  /** Answers every dial that was asked for since the last time. */
  answerDials(failure: DialFailure): ReadonlyArray<Tagged<"Dial">> {
    const dials = this.take("Dial")
    for (const { dial } of dials) this.feed({ _tag: "DialFailed", dial, failure })
    return dials
  }

  stateOf(name: string): string | undefined {
    return this.state.members.get(name)?.state
  }
}

export const describe = (event: MemberEvent): string =>
  `${event._tag}${event._tag === "Down" ? `(${event.reason})` : ""} ${event.member.name}`

/** A look at addresses alone. */
export const discover = (node: Bench, ...addresses: ReadonlyArray<string>): void =>
  node.look(addresses.map((address) => ({ address })))
