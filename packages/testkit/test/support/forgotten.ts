import * as Effect from "effect/Effect"
import { createSocket, type Socket } from "node:dgram"

const forgotten: Array<Socket> = []

/** Opens a socket that nobody closes. */
export const forgetSocket = Effect.callback<void>((resume) => {
  const socket = createSocket("udp4")
  forgotten.push(socket)
  socket.bind(0, "127.0.0.1", () => resume(Effect.void))
})

const timers: Array<NodeJS.Timeout> = []

/** Starts a timer that nobody ends. */
export const forgetTimer = Effect.sync(() => void timers.push(setInterval(() => {}, 60_000)))

/** For the end of the tests: what was forgotten in them. */
export const closeForgotten = (): void => {
  for (const socket of forgotten.splice(0)) socket.close()
  for (const timer of timers.splice(0)) clearInterval(timer)
}
