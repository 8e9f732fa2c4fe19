import { type Connection } from "@gc/core/Transport"
import * as Effect from "effect/Effect"
import { connections, sends, oneByOne, later, type Frames, type Mutant } from "../mutation.ts"

export const frames: ReadonlyArray<Mutant> = [
  {
    name: "cuts large frames",
    mutate: sends(
      (send) =>
        ([first, ...rest]) =>
          send([first, ...rest].map((frame) => (frame instanceof Uint8Array ? frame.slice(0, 4090) : frame)) as never)
    ),
    caughtBy: ["frames of every size come whole and in order, both ways"]
  },
  {
    name: "sends a head and a body as two frames",
    mutate: sends(
      (send) => (batch) => send(batch.flatMap((frame) => (frame instanceof Uint8Array ? [frame] : [...frame])) as never)
    ),
    caughtBy: ["a head and its bodies are as many frames as there are bodies"]
  },
  {
    name: "sends the first body of a head and forgets the others",
    mutate: sends(
      (send) => (batch) =>
        send(batch.map((frame) => (frame instanceof Uint8Array ? frame : ([frame[0], frame[1]] as const))) as never)
    ),
    caughtBy: ["a head and its bodies are as many frames as there are bodies"]
  },
  {
    name: "reverses batches",
    mutate: sends((send) => (batch) => send([...batch].reverse() as never)),
    caughtBy: ["frames keep their order within and across batches"]
  },
  {
    name: "mixes batches",
    mutate: oneByOne,
    caughtBy: [
      "batches of several senders do not mix, and each sender's keep their order",
      "an interrupted send was accepted whole or not at all",
      "an interrupted send that waited for room left its batch whole or nothing of it"
    ]
  },
  {
    name: "gives one frame at a time",
    mutate: connections((connection) => {
      const kept: Array<Uint8Array> = []
      const receive: Connection["receive"] = Effect.suspend(() => {
        const next = kept.shift()
        if (next !== undefined) return Effect.succeed([next])
        return Effect.flatMap(connection.receive, (frames) => {
          kept.push(...frames)
          return receive
        })
      })
      return { ...connection, receive }
    }),
    caughtBy: ["many small frames are received in few batches"]
  },
  {
    name: "is done with bytes that it still reads, without end, and drops them at the close",
    mutate: later,
    caughtBy: [
      "what send accepted before the scope closed arrives, and then the end",
      "send suspends while the other end does not read, and goes on when it does"
    ]
  },
  {
    name: "receives into one buffer",
    mutate: connections((connection) => {
      const scratch = new Uint8Array(1 << 20)
      const receive = Effect.map(connection.receive, (frames) => {
        let offset = 0
        return frames.map((frame) => {
          scratch.set(frame, offset)
          offset += frame.length
          return scratch.subarray(offset - frame.length, offset)
        }) as unknown as Frames
      })
      return { ...connection, receive }
    }),
    caughtBy: ["a received frame does not change any more"]
  },
  {
    name: "receives into one buffer of a megabyte",
    mutate: connections((connection) => {
      const buffer = new Uint8Array(1 << 20)
      let end = 0
      const receive = Effect.map(connection.receive, (frames) => {
        return frames.map((frame) => {
          if (end + frame.length > buffer.length) end = 0
          buffer.set(frame, end)
          end += frame.length
          return buffer.subarray(end - frame.length, end)
        }) as unknown as Frames
      })
      return { ...connection, receive }
    }),
    caughtBy: ["a received frame does not change any more"]
  },
  {
    name: "does not count bytes",
    mutate: connections((connection) => ({ ...connection, bytesReceived: () => 0 })),
    caughtBy: ["bytes that arrive are counted"]
  },
  {
    name: "counts too much",
    mutate: connections((connection) => ({ ...connection, bytesReceived: () => connection.bytesReceived() * 2 })),
    caughtBy: ["bytes that arrive are counted"]
  }
]
