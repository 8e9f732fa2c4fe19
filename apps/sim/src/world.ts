import {
  defaultBackoff,
  makeRandom,
  type MemberView,
  type NodeOptions,
  type Output,
  presets,
  type Random,
  type SeenPeer
} from "@gc/core/protocol"
import { Invariants } from "./invariants.ts"
import { EventLog } from "./eventLog.ts"
import { hostOf, Network } from "./network.ts"
import { epoch, SimNode, type Surroundings } from "./node.ts"
import { EventQueue } from "./queue.ts"
import { Streams } from "./stream.ts"
import type { Directory, DiscoveryMode, Protocol, Watched } from "./types.ts"

/** A machine: at most one life of a node at a time. */
export interface Host {
  readonly index: number
  readonly name: string
  address: string
  node: SimNode | undefined
  lives: number
  clockOffset: number
  /** Until when the listener of a dying process takes connections that it will never serve. */
  closingAt: number
}

export interface WorldOptions {
  readonly protocol: Protocol
  readonly seed: number
  readonly size: number
  readonly node?: Partial<NodeOptions>
}

const refresh = 5_000

const defaults: NodeOptions = {
  figures: presets.lan,
  reconnect: defaultBackoff,
  refreshInterval: refresh,
  onRemoved: "keep",
  peerExchange: true,
  maxMembers: 4_096
}

const pad = (index: number): string => String(index).padStart(3, "0")

/** A cluster on virtual time, and what can happen to it. Everything in it follows from the seed. */
export class World {
  readonly random: Random
  readonly queue = new EventQueue()
  readonly network: Network
  readonly streams: Streams
  readonly hosts: ReadonlyArray<Host>
  readonly log = new EventLog()
  readonly invariants = new Invariants()
  readonly directory: Directory
  readonly protocol: Protocol
  readonly #options: NodeOptions
  readonly #routes = new Map<string, Host>()
  readonly #hostsByName = new Map<string, Host>()
  readonly #surroundings: Surroundings

  constructor(options: WorldOptions) {
    const { protocol, seed, size } = options
    this.random = makeRandom(seed)
    this.protocol = protocol
    this.network = new Network(size, this.random)
    this.streams = new Streams(this.queue, this.network)
    this.#options = { ...defaults, ...options.node }
    this.hosts = Array.from({ length: size }, (_, index) => {
      const name = `n${pad(index)}@h${pad(index)}`
      const address = `tcp://${hostOf(index)}:4370`
      const host: Host = { index, name, address, node: undefined, lives: 0, clockOffset: 0, closingAt: 0 }
      this.#routes.set(address, host)
      this.#hostsByName.set(name, host)
      return host
    })
    this.directory = new StaticDirectory(this.hosts)
    this.#surroundings = {
      queue: this.queue,
      network: this.network,
      streams: this.streams,
      protocol,
      directory: this.directory,
      watcher: { stepped: (node, outputs) => this.#stepped(node, outputs) },
      route: (address) => {
        const host = this.#routes.get(address)
        if (host === undefined) return undefined
        const { node } = host
        const { closingAt, index } = host
        return { host: index, node: node?.address === address ? node : undefined, closingAt }
      },
      addressOf: (name) => this.#hostsByName.get(name)?.address
    }
  }

  get now(): number {
    return this.queue.now
  }

  runFor(ms: number): void {
    this.queue.runUntil(this.queue.now + ms)
  }

  /** Runs until a condition holds, looking every `every` ms; the time it took, or Infinity. */
  runUntil(condition: () => boolean, most: number, every = 10): number {
    const began = this.now
    while (!condition()) {
      if (this.now - began >= most) return Infinity
      this.runFor(every)
    }
    return this.now - began
  }

  /** Starts a life of a node on a host: the listener at once, the first look at discovery within 20 ms. */
  start(host: Host, name: string = host.name): SimNode {
    const { index: number } = host
    host.lives++
    const now = epoch + this.now + host.clockOffset
    const instance = (host.index * 4_096 + host.lives).toString(16).padStart(32, "0")
    const state = this.protocol.initial({
      self: {
        cluster: "sim",
        name,
        instance,
        generation: Math.floor(now),
        addresses: [host.address],
        capabilities: 0n
      },
      options: this.#options,
      seed: Math.floor(this.random.next() * 4_294_967_296),
      now
    })
    const firstLook = this.random.next() * 20
    const node = new SimNode(this.#surroundings, number, host.address, state, {
      clockOffset: host.clockOffset,
      firstLook,
      refresh
    })
    host.node = node
    return node
  }

  /** Starts every host within some time. */
  startAll(within: number): void {
    for (const host of this.hosts) this.after(within * this.random.next(), () => this.start(host))
    this.runFor(within)
  }

  kill(host: Host): void {
    if (host.node === undefined) return
    host.node.kill()
    host.node = undefined
    host.closingAt = this.now + 2 * this.random.next()
  }

  /** Gives a host another address; discovery lists it at once. */
  readdress(host: Host): void {
    this.#routes.delete(host.address)
    host.address = `tcp://10.9.${host.lives}.${host.index & 255}:4370`
    this.#routes.set(host.address, host)
  }

  /** Gives two hosts each other's address. */
  swapAddresses(a: Host, b: Host): void {
    const address = a.address
    a.address = b.address
    b.address = address
    this.#routes.set(a.address, a)
    this.#routes.set(b.address, b)
  }

  /** A second node of the name of another, on a host of its own. */
  startTwin(host: Host, of: Host): SimNode {
    return this.start(host, of.name)
  }

  /** What a machine had sent and not got through is gone with its memory. */
  forgetStreams(host: Host): void {
    this.streams.forget(host.index)
  }

  /** Runs something later. */
  after(ms: number, run: () => void): void {
    this.queue.push(this.now + ms, (each: () => void) => each(), run, 0)
  }

  /** Handshakes that came as far as AUTH. */
  get handshakes(): number {
    return this.streams.handshakes
  }

  /** Leaves in good order, and exits half a second later. */
  leave(host: Host): void {
    const { node } = host
    if (node === undefined) return
    node.ask({ _tag: "Leave" })
    this.queue.push(
      this.now + 500,
      (one: SimNode) => {
        if (host.node === one) this.kill(host)
      },
      node,
      0
    )
  }

  /** Cuts every stream of a node, as a proxy that restarts does. */
  cutLinks(node: SimNode): void {
    for (const end of node.openEnds()) node.cut(end)
  }

  get nodes(): ReadonlyArray<SimNode> {
    return this.hosts.flatMap(({ node }) => (node === undefined ? [] : [node]))
  }

  view(node: SimNode): ReadonlyArray<MemberView> {
    return this.protocol.members(node.state)
  }

  /** Whether every node sees exactly the nodes of its group, alive. */
  isWhole(groupOf: (host: number) => number = () => 0): boolean {
    return this.wrongViews(groupOf, true).length === 0
  }

  /** What differs from the truth: a line for each view that does. */
  wrongViews(groupOf: (host: number) => number = () => 0, firstOnly = false): ReadonlyArray<string> {
    const wrong: Array<string> = []
    const { nodes } = this
    for (const node of nodes) {
      const expected = nodes.filter((other) => groupOf(other.host) === groupOf(node.host))
      const seen = new Map<string, MemberView>()
      let live = 0
      for (const member of node.state.members.values()) {
        if (member.state === "down" || member.state === "left") continue
        live++
        seen.set(member.instance, member)
      }
      if (live !== expected.length - 1) wrong.push(`${node.state.self.name} sees ${live} of ${expected.length - 1}`)
      for (const other of expected) {
        if (other === node) continue
        const { instance, name } = other.state.self
        if (seen.get(instance)?.state !== "alive") wrong.push(`${node.state.self.name} does not see ${name} alive`)
        else if (!this.isLinked(node, other)) wrong.push(`${node.state.self.name} and ${name} differ about their link`)
      }
      if (firstOnly && wrong.length > 0) return wrong
    }
    return wrong
  }

  /** Both ends use the same open stream. */
  isLinked(a: SimNode, b: SimNode): boolean {
    const link = a.state.current.get(b.state.self.name)
    return link !== undefined && b.state.current.get(a.state.self.name)?.id === link.id && a.isOpen(link.id)
  }

  #stepped(node: Watched, outputs: ReadonlyArray<Output>): void {
    this.invariants.stepped(node, outputs, this.now)
    for (const output of outputs) {
      if (output._tag !== "Event") continue
      const { event } = output
      const subject = this.#hostsByName.get(event.member.name)?.index ?? -1
      this.log.add(this.now, node.host, subject, event)
    }
  }
}

class StaticDirectory implements Directory {
  mode: DiscoveryMode = "whole"
  readonly #hosts: ReadonlyArray<Host>

  constructor(hosts: ReadonlyArray<Host>) {
    this.#hosts = hosts
  }

  look(host: number): ReadonlyArray<SeenPeer> {
    return this.#listed(host).map(({ address }) => ({ address }))
  }

  #listed(host: number): ReadonlyArray<Host> {
    switch (this.mode) {
      case "empty":
        return []
      case "half":
        return this.#hosts.slice(0, this.#hosts.length >> 1)
      case "chain":
        return this.#hosts.slice(Math.max(0, host - 1), host)
      default:
        return this.#hosts
    }
  }
}
