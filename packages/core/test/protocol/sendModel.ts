import { type DataFrames, type Outgoing, SendWindow } from "../../src/protocol/flow.ts"

/** A piece of a message, and the messages that are whole on their way with it. */
export interface Chunk {
  readonly bytes: Uint8Array
  readonly more: boolean
  readonly completes: Outgoing | undefined
}

export const outgoing = (...sizes: ReadonlyArray<number>): Outgoing => ({
  messages: sizes.map((size) => new Uint8Array(size))
})

/** A window whose frames are taken one by one. */
export class Sender extends SendWindow<Outgoing> {
  readonly #completed: Array<Outgoing>

  constructor() {
    const completed: Array<Outgoing> = []
    super(7, (sent) => completed.push(sent))
    this.#completed = completed
  }

  next(): Chunk | undefined {
    const frames: Array<DataFrames | Uint8Array> = []
    if (this.fill(frames, 1) === 0) return undefined
    const [frame] = frames
    if (frames.length !== 1 || frame === undefined || frame instanceof Uint8Array || frame.length !== 2) {
      throw new Error("more than one frame")
    }
    return { bytes: frame[1], more: frame[0][3] === 1, completes: this.#completed.shift() }
  }
}
