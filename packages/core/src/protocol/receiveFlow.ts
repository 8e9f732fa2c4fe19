import { frameCost, initialWindow, maxExtra, maxLinkExtra } from "./flow.ts"
import { isAlone, maxInHeap, maxPacked, type Memory, Pieces, Slab } from "./receivedBytes.ts"

/** What came of a piece: a whole message, nothing yet, or what is wrong with it. */
export type Received = Uint8Array | undefined | string

/** Less than this part of a window is not worth a CREDIT frame. */
const worthGranting = 1 / 2

/** So many channels may be full of unread messages before the large messages of the others wait. */
const fullChannels = 8

/** While so many windows are unread on a link, a channel that is not read gets one window instead of two. */
const crowdedWindows = 64

const none: ReadonlyArray<never> = []

/** Channels that get credit at once when there is room again. */
const wakeAtOnce = 64

/**
 * What all channels of a link share: who may have credit for more of an unfinished message than its window holds.
 *
 * While unfinished messages hold more than a largest message and a window, only one channel may, and it keeps its turn
 * until its message is whole; then it is the turn of the one that waits longest. While more is unread than eight full
 * channels hold, no other one may and no turn begins.
 *
 * With n channels, unfinished messages and the credit that is out hold at most two largest messages and n + 1 windows;
 * together with what is unread they hold at most `fullChannels` + 2 largest messages and
 * n + `crowdedWindows` + 2 `fullChannels` + 1 windows. To all of these what channels have beyond their windows comes: `maxLinkExtra`.
 */
export class ReceiveBudget implements Memory {
  readonly maxMessageSize: number
  readonly recycles: boolean
  keepsChunk = false
  readonly #partialLimit: number
  readonly #unreadLimit: number
  readonly #waiting = new Set<ReceiveWindow>()
  #turn: ReceiveWindow | undefined
  #partial = 0
  #unread = 0
  #extra = 0

  constructor(maxMessageSize: number, recycles = false) {
    this.recycles = recycles
    this.maxMessageSize = maxMessageSize
    this.#partialLimit = maxMessageSize + initialWindow
    this.#unreadLimit = fullChannels * (maxMessageSize + 2 * initialWindow)
  }

  /** Another window for a channel that is read as fast as it fills. False: the others have them all. */
  lends(): boolean {
    if (this.#extra >= maxLinkExtra) return false
    this.#extra += initialWindow
    return true
  }

  /** Bytes of a message that is not whole yet came. */
  began(bytes: number): void {
    this.#partial += bytes
  }

  /** A message is whole; `partial` of its bytes had come before. */
  finished(window: ReceiveWindow, partial: number, unread: number): void {
    this.#partial -= partial
    this.#unread += unread
    if (this.#waiting.size > 0) this.#waiting.delete(window)
    if (this.#turn === window) this.#turn = undefined
  }

  consumed(unread: number): void {
    this.#unread -= unread
  }

  /** Whether so much is unread that this channel gets a second window only while it is read itself, or has its turn. */
  crowds(window: ReceiveWindow): boolean {
    return this.#unread > crowdedWindows * initialWindow && window !== this.#turn
  }

  /** Whether a channel may have credit beyond its window for its unfinished message; if not, it waits. */
  admits(window: ReceiveWindow): boolean {
    if (window === this.#turn) return true
    if (this.#free === 0) {
      this.#waiting.add(window)
      return false
    }
    if (this.#partial > this.#partialLimit) this.#turn = window
    this.#waiting.delete(window)
    return true
  }

  /** It waits for its reader, and keeps no other one waiting. */
  stands(window: ReceiveWindow): void {
    this.#waiting.delete(window)
  }

  /** How many of those that wait may go on. */
  get #free(): number {
    if (this.#unread > this.#unreadLimit) return 0
    if (this.#partial <= this.#partialLimit) return wakeAtOnce
    return this.#turn === undefined ? 1 : 0
  }

  /** Channels that waited and have credit to get now, those that waited longest first. */
  woken(): ReadonlyArray<ReceiveWindow> {
    if (this.#waiting.size === 0) return none
    const free = this.#free
    return free === 0 ? none : [...this.#waiting].slice(0, free)
  }
}

/**
 * The receiving half of a channel on one link: puts messages together and decides when the sender may go on.
 *
 * A window is 256 KiB at first. A channel that is read as fast as it fills gets more, so that sender and reader need not take turns,
 * and half of it at a time: each CREDIT costs a write there and a read here. While unread messages hold 256 KiB of memory no credit is given; so a channel holds
 * at most two windows, what it has beyond them, one message of the largest size and the rest of two slabs in the receiver's
 * memory, and `ReceiveBudget` says how many channels may hold a large one.
 */
export class ReceiveWindow {
  readonly id: number
  readonly #budget: ReceiveBudget
  readonly #pieces: Pieces
  #slab: Slab | undefined
  #size = 0
  #held = 0
  #owed = 0
  #outstanding = initialWindow
  #extra = 0
  #window = initialWindow
  /** Less credit than this is not worth a frame. */
  #worth = initialWindow * worthGranting
  /** Bytes of whole messages that were read since the channel got more. */
  #read = 0

  constructor(id: number, budget: ReceiveBudget) {
    this.id = id
    this.#budget = budget
    this.#pieces = new Pieces(budget)
  }

  /** A DATA frame came; its payload lies in these bytes, which are no `Buffer`, from `start` to `end`. */
  receive(bytes: Uint8Array, start: number, end: number, more: boolean): Received {
    const length = end - start
    const cost = length + frameCost
    if (cost > this.#outstanding) return "data beyond the credit"
    const before = this.#size
    const { maxMessageSize } = this.#budget
    if (before + length > maxMessageSize) return `a message of more than ${maxMessageSize} bytes`
    this.#outstanding -= cost
    this.#owed += cost
    if (more || before > 0) {
      this.#pieces.add(bytes, start, end)
      if (more) {
        this.#size += length
        this.#budget.began(length)
        return undefined
      }
    }
    const message = before > 0 ? this.#pieces.take() : this.#compact(bytes, start, end)
    this.#size = 0
    this.#held += message.length + frameCost
    this.#budget.finished(this, before, message.length + frameCost)
    return message
  }

  /** Messages were read, or dropped, that cost so much: their bytes, and `frameCost` for each. */
  consumed(cost: number): void {
    this.#held -= cost
    this.#read += cost
    this.#budget.consumed(cost)
    if (this.#held === 0) this.#slab = undefined
  }

  /** The payload by itself where it is a small part of what was read together: an unread message keeps no more alive. */
  #compact(bytes: Uint8Array, start: number, end: number): Uint8Array {
    const length = end - start
    if (length <= maxInHeap) return bytes.slice(start, end)
    if (length * 4 >= bytes.buffer.byteLength) {
      if (!isAlone(bytes, start)) this.#budget.keepsChunk = true
      return new Uint8Array(bytes.buffer, bytes.byteOffset + start, length)
    }
    // The first one that is unread has its own memory: what comes and is read one by one needs no slab.
    if (this.#held === 0 || length > maxPacked) return bytes.slice(start, end)
    this.#slab ??= new Slab()
    return this.#slab.copy(bytes, start, end)
  }

  /**
   * The credit to give now: 0 while too much is unread, or too little is owed to be worth a frame. An unfinished message
   * and the credit to go on with it take one window; for more it has to be admitted. On a crowded link what is unread of the
   * channel counts as well, and nobody is admitted who is not read.
   */
  credit(): number {
    if (this.#held >= initialWindow) return 0
    if (this.#held === 0 && this.#read >= initialWindow) this.#widen()
    if (this.#owed < this.#worth) return 0
    const unread = this.#budget.crowds(this) ? this.#held : 0
    const credit = this.#grantable(this.#owed - this.#size - unread, unread > 0)
    this.#owed -= credit
    this.#outstanding += credit
    return credit
  }

  #widen(): void {
    this.#read = 0
    if (this.#extra >= maxExtra || !this.#budget.lends()) return
    this.#extra += initialWindow
    this.#owed += initialWindow
    this.#window += initialWindow
    this.#worth = this.#window * worthGranting
  }

  #grantable(within: number, stands: boolean): number {
    if (within >= this.#worth) return within
    if (!stands) return this.#budget.admits(this) ? this.#owed : 0
    this.#budget.stands(this)
    return 0
  }
}
