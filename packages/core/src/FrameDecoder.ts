/**
 * Cuts a byte stream into frames, for authors of stream transports.
 *
 * @since 0.1.0
 */
export { FrameDecoder } from "./protocol/streamDecoder.ts"
