import { encodeDump, encodeNames, type Entry, sizes } from "./codec.ts"

interface Record {
  readonly entry: Entry
  /** Of the connection that keeps it alive. */
  readonly handle: number
}

/** The names of a daemon, each held by a connection. */
export class Table {
  readonly #records = new Map<string, Record>()
  readonly #maxNames: number
  #creation: number
  #listing: Buffer | undefined

  /** `creation` is the first one: the time of the start in seconds, so that a new daemon does not repeat an old one's. */
  constructor(maxNames: number, creation: number) {
    this.#maxNames = maxNames
    this.#creation = creation
  }

  get size(): number {
    return this.#records.size
  }

  get full(): boolean {
    return this.size >= this.#maxNames
  }

  /** The creation of the name's new life, or `undefined` when it is taken or cannot be. */
  register(entry: Entry, handle: number): number | undefined {
    if (entry.name.length > sizes.name || entry.extra.length > sizes.extra) return undefined
    if (this.full || this.#records.has(entry.name)) return undefined
    this.#records.set(entry.name, { entry, handle })
    this.#listing = undefined
    return (this.#creation = (this.#creation + 1) >>> 0)
  }

  unregister(name: string): void {
    this.#records.delete(name)
    this.#listing = undefined
  }

  find(name: string): Entry | undefined {
    return this.#records.get(name)?.entry
  }

  /** Made once for all that ask: many who do not read it hold it once. */
  names(port: number): Buffer {
    return (this.#listing ??= encodeNames(
      port,
      Array.from(this.#records.values(), ({ entry }) => entry)
    ))
  }

  dump(port: number): Buffer {
    return encodeDump(
      port,
      Array.from(this.#records.values(), ({ entry, handle }) => ({ name: entry.name, port: entry.port, handle }))
    )
  }
}

/** What a connection gets, and what becomes of it. */
export interface Answer {
  readonly bytes: Buffer
  /** `keep`: it holds `name`, or was refused one, and says nothing more. `stop`: the daemon ends. */
  readonly next: "close" | "keep" | "stop"
  readonly name?: string
}
