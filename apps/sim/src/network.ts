import type { Random } from "@gc/core/protocol"

/** The IP address of a host. */
export const hostOf = (index: number): string => `10.0.${index >> 8}.${index & 255}`

/** What the network does to packets between hosts, by their numbers. Faults are set here; streams ask. */
export class Network {
  readonly size: number
  readonly random: Random
  /** One way, in milliseconds. */
  latency = 0.25
  /** Added at random, up to this much. */
  jitter = 0.25
  /** The probability that a segment is lost, on every path. */
  loss = 0
  /** Whether data stops flowing where its acknowledgements are lost, as TCP's does. */
  acknowledged = true
  /** Bumped when a path opens. */
  readonly #cut: Uint8Array
  readonly #pathLoss = new Map<number, number>()
  #onHeal: () => void = () => undefined

  constructor(size: number, random: Random) {
    this.size = size
    this.random = random
    this.#cut = new Uint8Array(size * size)
  }

  /** Called whenever packets may pass again somewhere. */
  whenHealed(run: () => void): void {
    this.#onHeal = run
  }

  isCut(from: number, to: number): boolean {
    return this.#cut[from * this.size + to] !== 0
  }

  delay(): number {
    return this.latency + this.jitter * this.random.next()
  }

  isLost(from: number, to: number): boolean {
    const loss = this.#pathLoss.size === 0 ? this.loss : (this.#pathLoss.get(from * this.size + to) ?? this.loss)
    return loss > 0 && this.random.next() < loss
  }

  setLoss(from: number, to: number, loss: number | undefined): void {
    if (loss === undefined) this.#pathLoss.delete(from * this.size + to)
    else this.#pathLoss.set(from * this.size + to, loss)
  }

  /** Drops every packet from one host to another. */
  cutOneWay(from: number, to: number): void {
    if (from !== to) this.#cut[from * this.size + to] = 1
  }

  cut(a: number, b: number): void {
    this.cutOneWay(a, b)
    this.cutOneWay(b, a)
  }

  /** Drops everything from and to a host. */
  blackhole(host: number): void {
    for (let other = 0; other < this.size; other++) this.cut(host, other)
  }

  /** Hosts of different groups do not reach each other. */
  partition(groupOf: (host: number) => number): void {
    for (let a = 0; a < this.size; a++) {
      for (let b = 0; b < this.size; b++) if (groupOf(a) !== groupOf(b)) this.cutOneWay(a, b)
    }
  }

  open(host: number): void {
    for (let other = 0; other < this.size; other++) {
      this.#cut[host * this.size + other] = 0
      this.#cut[other * this.size + host] = 0
    }
    this.#onHeal()
  }

  heal(): void {
    this.#cut.fill(0)
    this.#pathLoss.clear()
    this.#onHeal()
  }
}
