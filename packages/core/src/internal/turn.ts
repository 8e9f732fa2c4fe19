/** A turn of the event loop in which something was written: what else comes in it waits for its end, to go together. */
export class Turn {
  #busy = false
  readonly #ended: () => void
  readonly #endOfTurn = (): void => this.end()

  constructor(ended: () => void) {
    this.#ended = ended
  }

  get busy(): boolean {
    return this.#busy
  }

  begin(): void {
    if (this.#busy) return
    this.#busy = true
    queueMicrotask(this.#endOfTurn)
  }

  end(): void {
    if (!this.#busy) return
    this.#busy = false
    this.#ended()
  }
}
