import { readFileSync } from "node:fs"

/** One side of a recorded handshake, as the file writes it. */
export interface VectorNode {
  readonly name: string
  readonly instance: string
  readonly generation: number
  readonly attempt: number
  readonly dialed?: string
  readonly capabilities: number
  readonly addresses?: ReadonlyArray<string>
  readonly knownGeneration?: number
}

/** A recorded handshake with all its inputs and what must come of them, in hexadecimal. */
export interface HandshakeVector {
  readonly what: string
  readonly cluster: string
  readonly cookie: string
  readonly label: string
  readonly mode: 0 | 1 | 2
  readonly exporter: string
  readonly Ni: string
  readonly Nr: string
  readonly decision: number
  readonly retryAfterMs: number
  readonly initiator: VectorNode
  readonly responder: VectorNode
  readonly readyDecision?: number
  readonly readyRetryAfterMs?: number
  readonly beacon?: { readonly counter: number; readonly sentAt: number }
  readonly expect: { readonly [key: string]: string }
}

interface RejectVector {
  readonly what: string
  readonly expect: { readonly REJECT: string }
}

const file: { readonly vectors: ReadonlyArray<HandshakeVector | RejectVector> } = JSON.parse(
  readFileSync(new URL("gch1.json", import.meta.url), "utf8")
)

/** The recorded handshakes of GCH/1. */
export const handshakeVectors = file.vectors.filter((vector): vector is HandshakeVector => "initiator" in vector)

/** The recorded REJECT frames. */
export const rejectVectors = file.vectors.filter((vector): vector is RejectVector => !("initiator" in vector))
