/** A program: sends so many packets a second, each beginning with the given bytes and ending at random, until it is told to end. */
import { randomBytes } from "node:crypto"
import { createSocket } from "node:dgram"

const [port = "0", group = "", rate = "20000", head = "", length = "170"] = process.argv.slice(2)
const begin = Buffer.from(head, "hex")
const socket = createSocket("udp4")
socket.bind(0, "127.0.0.1", () => {
  socket.setMulticastInterface("127.0.0.1")
  const started = performance.now()
  let sent = 0
  const turn = (): void => {
    const due = Math.min(((performance.now() - started) * Number(rate)) / 1_000 - sent, 400)
    const random = randomBytes(Number(length))
    for (let index = 0; index < due; index++) {
      const packet = Buffer.from(random)
      begin.copy(packet)
      packet.writeUInt32BE((sent * 2_654_435_761) % 2 ** 32, Math.min(begin.length, packet.length - 4))
      socket.send(packet, Number(port), group)
      sent++
    }
    setTimeout(turn, 2)
  }
  turn()
})
process.stdin.on("end", () => process.exit()).resume()
