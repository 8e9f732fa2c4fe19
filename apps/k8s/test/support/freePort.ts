import * as Effect from "effect/Effect"
import { createServer } from "node:net"

/** A port of an address that nobody listens at; `::` stands for all addresses. */
export const freePort = (address: string): Effect.Effect<number> =>
  Effect.callback((resume) => {
    const server = createServer().listen(0, address, () => {
      const found = server.address()
      server.close(() => resume(Effect.succeed(typeof found === "object" && found !== null ? found.port : 0)))
    })
  })
