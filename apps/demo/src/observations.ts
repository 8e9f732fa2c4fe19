/**
 * What the nodes have reported, in the shape in which it is asked about. It knows nothing else: not what the demo did,
 * and not when.
 */
import type { Report } from "./messages.ts"

/** One life of a node, from the moment it listened. */
export interface Life {
  readonly node: string
  readonly instance: string
  readonly pid: number
  readonly address: string
  readonly listeningAt: number
  saidAt: number | undefined
  said: string | undefined
  lastWordsAt: number | undefined
  leavingAt: number | undefined
}

/** What one node believes of another now. */
export type Belief = "up" | "suspected" | "unreachable" | "down" | "left"

/** When one life saw something of another. */
export interface Sight {
  readonly at: number
  readonly detail: string
}

/** The kinds of sights that the steps of the demo ask for. */
export type SightKind = "up" | "down" | "left" | "heard"

const beliefs: Partial<Record<Report["event"], Belief>> = {
  up: "up",
  recovered: "up",
  reachable: "up",
  suspected: "suspected",
  unreachable: "unreachable",
  down: "down",
  left: "left"
}

/** Everything that was reported. */
export class Observations {
  readonly #lives = new Map<string, Array<Life>>()
  readonly #byInstance = new Map<string, Life>()
  readonly #beliefs = new Map<string, Map<string, Belief>>()
  readonly #sights = new Map<string, Sight>()
  readonly #endings: Array<{ readonly kind: "down" | "left"; readonly instance: string }> = []
  #suspected = 0
  #first: number | undefined
  #last = 0

  add(report: Report): void {
    this.#first ??= report.at
    this.#last = Math.max(this.#last, report.at)
    switch (report.event) {
      case "listening":
        return this.#born(report)
      case "said":
        return this.#amend(report, (life) => {
          life.saidAt = report.at
          life.said = report.text
        })
      case "last-words":
        return this.#amend(report, (life) => {
          life.lastWordsAt = report.at
        })
      case "leaving":
        return this.#amend(report, (life) => {
          life.leavingAt = report.at
        })
      case "heard":
        return this.#see("heard", report.instance, report.peer, { at: report.at, detail: report.text })
      case "failed":
      case "log":
        return
      default:
        return this.#member(report)
    }
  }

  /** When the first report of all was made. */
  get startedAt(): number | undefined {
    return this.#first
  }

  /** Milliseconds from the first report to the last. */
  get span(): number {
    return this.#first === undefined ? 0 : Math.max(0, this.#last - this.#first)
  }

  /** The lives of a node, the present one last. */
  lives(node: string): ReadonlyArray<Life> {
    return this.#lives.get(node) ?? []
  }

  /** The life of a node that neither said its last words nor left. */
  present(node: string): Life | undefined {
    return this.lives(node).findLast((life) => life.lastWordsAt === undefined && life.leavingAt === undefined)
  }

  /** What a node believes of another now. */
  belief(observer: string, subject: string): Belief | undefined {
    return this.#beliefs.get(observer)?.get(subject)
  }

  /** What one life first saw of another; `subject` is an instance, or for `heard` the name of who spoke. */
  sight(kind: SightKind, observer: string, subject: string): Sight | undefined {
    return this.#sights.get(`${kind} ${observer} ${subject}`)
  }

  /** How often somebody was suspected. */
  get suspected(): number {
    return this.#suspected
  }

  /** How often a life was taken for down that had not said its last words, or for left that did not leave. */
  get wronged(): number {
    return this.#endings.filter(({ instance, kind }) => {
      const life = this.#byInstance.get(instance)
      return (kind === "down" ? life?.lastWordsAt : life?.leavingAt) === undefined
    }).length
  }

  #born({ address, at, instance, node, pid }: Extract<Report, { readonly event: "listening" }>): void {
    const life: Life = {
      node,
      instance,
      pid,
      address,
      listeningAt: at,
      saidAt: undefined,
      said: undefined,
      lastWordsAt: undefined,
      leavingAt: undefined
    }
    this.#lives.set(node, [...this.lives(node), life])
    this.#byInstance.set(instance, life)
    this.#beliefs.set(node, new Map())
  }

  #amend(report: Report, change: (life: Life) => void): void {
    const life = this.#byInstance.get(report.instance)
    if (life !== undefined) change(life)
  }

  #see(kind: SightKind, observer: string, subject: string, sight: Sight): void {
    const key = `${kind} ${observer} ${subject}`
    if (!this.#sights.has(key)) this.#sights.set(key, sight)
  }

  #member(report: Extract<Report, { readonly peerInstance: string }>): void {
    const { at, event, instance, node, peer, peerInstance } = report
    const belief = beliefs[event]
    if (belief !== undefined) this.#beliefs.get(node)?.set(peer, belief)
    if (event === "suspected") this.#suspected++
    if (event === "up" || event === "down" || event === "left") {
      this.#see(event, instance, peerInstance, { at, detail: event === "down" ? report.reason : "" })
      if (event !== "up") this.#endings.push({ kind: event, instance: peerInstance })
    }
  }
}
