import { encodeLinkFrame, type LinkFrame } from "../protocol/linkFrames.ts"

const peersBytes = new WeakMap<LinkFrame, Uint8Array>()

/** A frame's bytes; PEERS goes to every link as one and the same frame, and is encoded once. */
export const encodedFrame = (frame: LinkFrame): Uint8Array => {
  if (frame._tag !== "Peers") return encodeLinkFrame(frame)
  const known = peersBytes.get(frame)
  if (known !== undefined) return known
  const bytes = encodeLinkFrame(frame)
  peersBytes.set(frame, bytes)
  return bytes
}
