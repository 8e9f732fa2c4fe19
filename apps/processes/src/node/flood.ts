/**
 * A program that floods a group with junk: `node flood.ts PORT GROUP INTERFACE PACKETS_PER_SECOND MILLIS`. It joins the group to hear
 * a beacon, and sends by turns noise, the beginning of that beacon with noise behind it, the beacon with one bit changed,
 * and the beacon again. At the end it prints how many packets it sent.
 */
import { randomBytes } from "node:crypto"
import { createSocket } from "node:dgram"
import { now } from "../clock.ts"

const [port = "", group = "", by = "", rate = "", millis = ""] = process.argv.slice(2)

/** Of a beacon: its magic, the suite, the tag of the cluster and the label of the key. */
const headBytes = 16

/** What the group is given to be heard, in milliseconds. */
const patience = 10_000

/** Packets at once, so that one late turn is no burst beyond what sockets hold. */
const mostAtOnce = 400

let heard: Buffer | undefined
let sent = 0

const kinds: ReadonlyArray<() => Buffer> = [
  () => randomBytes(170),
  () => Buffer.concat([(heard ?? randomBytes(headBytes)).subarray(0, headBytes), randomBytes(154)]),
  () => {
    const changed = Buffer.from(heard ?? randomBytes(170))
    const index = Math.floor(Math.random() * changed.length)
    changed[index] = (changed[index] ?? 0) ^ 1
    return changed
  },
  () => heard ?? randomBytes(170)
]

const ears = createSocket({ type: "udp4", reuseAddr: true })
const socket = createSocket("udp4")

const flood = (): void => {
  socket.setMulticastInterface(by)
  const began = now()
  const turn = (): void => {
    const passed = now() - began
    if (passed >= Number(millis)) {
      process.stdout.write(`${sent}\n`)
      socket.close()
      return
    }
    const due = Math.min((passed / 1_000) * Number(rate) - sent, mostAtOnce)
    for (let index = 0; index < due; index++) socket.send(kinds[sent++ % kinds.length]!(), Number(port), group)
    setTimeout(turn, 2)
  }
  turn()
}

setTimeout(() => process.exit(1), Number(millis) + patience).unref()

ears.bind(Number(port), () => {
  ears.addMembership(group, by)
  ears.once("message", (beacon) => {
    heard = beacon
    ears.close()
    socket.bind(0, by, flood)
  })
})
