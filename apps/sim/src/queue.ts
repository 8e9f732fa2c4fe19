/** Something that will happen: a stable function and what it is given, so that nothing is allocated per event. */
interface Entry {
  time: number
  order: number
  run: (a: never, b: never) => void
  a: unknown
  b: unknown
}

/** Times are multiples of this, so that sums of them are exact. */
const quantum = 1024

const quantize = (time: number): number => Math.ceil(time * quantum) / quantum

/** The events to come: a binary heap by time, and in the order of their making where times are equal. */
export class EventQueue {
  now = 0
  executed = 0
  #heap: Array<Entry> = []
  #free: Array<Entry> = []
  #order = 0

  get size(): number {
    return this.#heap.length
  }

  /** Plans `run(a, b)` at a time in milliseconds, or now if that has passed. */
  push<A, B>(time: number, run: (a: A, b: B) => void, a: A, b: B): void {
    const entry = this.#free.pop() ?? { time: 0, order: 0, run, a: undefined, b: undefined }
    entry.time = time <= this.now ? this.now : quantize(time)
    entry.order = this.#order++
    entry.run = run as Entry["run"]
    entry.a = a
    entry.b = b
    this.#rise(entry)
  }

  /** Runs everything up to and including a time. */
  runUntil(time: number): void {
    const heap = this.#heap
    for (let first = heap[0]; first !== undefined && first.time <= time; first = heap[0]) {
      this.#removeFirst()
      this.now = first.time
      this.executed++
      const { a, b, run } = first
      first.a = undefined
      first.b = undefined
      this.#free.push(first)
      run(a as never, b as never)
    }
    this.now = Math.max(this.now, quantize(time))
  }

  #rise(entry: Entry): void {
    const heap = this.#heap
    let index = heap.length
    heap.push(entry)
    while (index > 0) {
      const above = (index - 1) >> 1
      const other = heap[above] as Entry
      if (other.time < entry.time || (other.time === entry.time && other.order < entry.order)) break
      heap[index] = other
      index = above
    }
    heap[index] = entry
  }

  #removeFirst(): void {
    const heap = this.#heap
    const last = heap.pop() as Entry
    const length = heap.length
    if (length === 0) return
    let index = 0
    for (;;) {
      let below = 2 * index + 1
      if (below >= length) break
      let other = heap[below] as Entry
      const right = heap[below + 1]
      if (right !== undefined && below + 1 < length && isBefore(right, other)) {
        below++
        other = right
      }
      if (isBefore(last, other)) break
      heap[index] = other
      index = below
    }
    heap[index] = last
  }
}

const isBefore = (a: Entry, b: Entry): boolean => a.time < b.time || (a.time === b.time && a.order < b.order)
