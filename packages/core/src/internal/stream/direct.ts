import type { NonEmptyReadonlyArray } from "effect/Array"
import type * as Effect from "effect/Effect"
import type { Connection, OutboundFrame } from "../../Transport.ts"
import type { TransportError } from "../../TransportError.ts"

/**
 * Ways past a fiber's turn for each chunk and each write, which takes longer than all the rest of a small message. They belong to a
 * `receive` and a `send`: whoever puts one of his own into a connection is not gone around.
 */

/** Who is shown frames where they lie, and has nothing made for them. */
export interface Sink {
  /** A frame lies in these bytes, from `start` to `end`. True: something refers to the bytes from now on. */
  readonly frame: (bytes: Uint8Array, start: number, end: number) => boolean
  /** The frames that came together were shown, which were so many bytes. */
  readonly taken: (bytes: number) => void
}

/** Shows a sink what `receive` would give, as it comes, until the stream ends or breaks. */
export type Pour = (sink: Sink) => Effect.Effect<never, TransportError>

/** Takes a batch as `send` does if it has room for it now. */
export type Offer = (batch: NonEmptyReadonlyArray<OutboundFrame>) => boolean

const pours = new WeakMap<Connection["receive"], Pour>()
const offers = new WeakMap<Connection["send"], Offer>()

export const setPour = (receive: Connection["receive"], pour: Pour): void => void pours.set(receive, pour)

export const pourOf = ({ receive }: Pick<Connection, "receive">): Pour | undefined => pours.get(receive)

export const setOffer = (send: Connection["send"], offer: Offer): void => void offers.set(send, offer)

export const offerOf = ({ send }: Connection): Offer | undefined => offers.get(send)
