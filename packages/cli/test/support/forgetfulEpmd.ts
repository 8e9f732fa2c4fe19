import { Client, Daemon } from "@gc/discovery-epmd"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { connect, createServer, type Socket } from "node:net"

/**
 * An epmd that keeps one name to itself when it is asked first: as if somebody registered it a moment later. `close` ends it.
 */
export const forgetfulEpmd = async (
  name: string
): Promise<{ readonly port: number; readonly close: () => Promise<void> }> => {
  const ready = Deferred.makeUnsafe<number>()
  const fiber = Effect.runFork(
    Effect.scoped(
      Effect.gen(function* () {
        const { port } = yield* Daemon.serve({ port: 0 })
        yield* Client.register({ name, port: 9 }, "127.0.0.1", { port })
        yield* Deferred.succeed(ready, port)
        return yield* Effect.never
      })
    )
  )
  const behind = await Effect.runPromise(Deferred.await(ready))
  const open = new Set<Socket>()
  let asked = 0
  const server = createServer((socket) => {
    const track = (each: Socket) => {
      open.add(each)
      each.on("error", () => each.destroy()).on("close", () => open.delete(each))
    }
    track(socket)
    if (asked++ === 0) {
      const nobody = Buffer.alloc(4)
      nobody.writeUInt32BE(4369)
      socket.once("data", () => socket.end(nobody))
      return
    }
    const other = connect(behind, "127.0.0.1")
    track(other)
    socket.pipe(other).pipe(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    port: (server.address() as { port: number }).port,
    close: async () => {
      server.close()
      for (const socket of open) socket.destroy()
      await Effect.runPromise(Fiber.interrupt(fiber))
    }
  }
}
