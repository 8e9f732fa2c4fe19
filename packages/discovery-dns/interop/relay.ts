import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { createSocket } from "node:dgram"

/** A port of loopback that hands datagrams on to a server, and where TCP is refused. */
export const withoutTcp = (server: string): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const [host = "", port = ""] = server.split(":")
      const [front, back] = [createSocket("udp4"), createSocket("udp4")]
      const asked = new Map<number, number>()
      front.on("message", (bytes, from) => {
        asked.set(bytes.readUInt16BE(0), from.port)
        back.send(bytes, Number(port), host)
      })
      back.on("message", (bytes) => front.send(bytes, asked.get(bytes.readUInt16BE(0)) ?? 9, "127.0.0.1"))
      await new Promise<void>((resolve) => front.bind(0, "127.0.0.1", () => resolve()))
      return { front, back, address: `127.0.0.1:${front.address().port}` }
    }),
    ({ back, front }) =>
      Effect.sync(() => {
        front.close()
        back.close()
      })
  ).pipe(Effect.map(({ address }) => address))
