/**
 * Cuts a byte stream into frames, for authors of stream transports.
 *
 * @since 0.1.0
 */
export type { Frame } from "./protocol/frames.ts"
export { type EmptyFrame, FrameDecoder, type TooLarge } from "./protocol/streamDecoder.ts"
