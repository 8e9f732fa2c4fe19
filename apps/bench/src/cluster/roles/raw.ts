/**
 * A process of a raw mesh over `node:net`: each pair connects once, the later of the list to the earlier, and either side proves by
 * an HMAC over both sides' nonces that it holds the secret. What is left of a cluster when everything but that is taken away.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto"
import { connect, createServer, type Socket } from "node:net"
import { type Seat, serve, type Sight, type Start } from "./role.ts"

const host = "127.0.0.1"
const secret = "what the benchmark's nodes share"

const [nonceBytes, proofBytes, indexBytes, prefixBytes] = [32, 32, 2, 4]

/** After a dial that was refused, in milliseconds: the other one does not listen yet. */
const again = 10

/** What is copied together before it is written: broadcasts of small messages. */
const slabBytes = 65_536

const proof = (side: string, nonces: ReadonlyArray<Buffer>): Buffer => {
  const hmac = createHmac("sha256", secret).update(side)
  for (const nonce of nonces) hmac.update(nonce)
  return hmac.digest()
}

/** Gives so many bytes at a time to whoever waits for them, and then all that come. */
class Reader {
  #held: Buffer = Buffer.alloc(0)
  #wants = 0
  #take: (bytes: Buffer) => void = () => {}
  #flow = (): void => {
    if (this.#wants === 0 || this.#held.length < this.#wants) return
    const bytes = this.#held.subarray(0, this.#wants)
    this.#held = this.#held.subarray(this.#wants)
    this.#wants = 0
    this.#take(bytes)
  }

  constructor(socket: Socket) {
    socket.on("data", (chunk: Buffer) => {
      this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
      this.#flow()
    })
  }

  read(bytes: number): Promise<Buffer> {
    return new Promise((resolve) => {
      this.#wants = bytes
      this.#take = resolve
      this.#flow()
    })
  }

  /** From here on every length-prefixed frame is counted. */
  count(received: (messages: number) => void): void {
    this.#flow = () => {
      let [offset, messages] = [0, 0]
      while (this.#held.length - offset >= prefixBytes) {
        const end = offset + prefixBytes + this.#held.readUInt32BE(offset)
        if (end > this.#held.length) break
        offset = end
        messages++
      }
      this.#held = this.#held.subarray(offset)
      if (messages > 0) received(messages)
    }
    this.#flow()
  }
}

class Mesh {
  readonly #self: Seat
  readonly #seats: ReadonlyArray<Seat>
  readonly #sight: Sight
  readonly #sockets = new Set<Socket>()
  readonly #server = createServer((socket) => this.#accept(socket))
  #closing = false

  constructor(self: Seat, seats: ReadonlyArray<Seat>, sight: Sight) {
    this.#self = self
    this.#seats = seats
    this.#sight = sight
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject).listen(this.#self.port, host, resolve)
    })
    for (const seat of this.#seats) {
      if (seat.name === this.#self.name) break
      this.#dial(seat)
    }
  }

  async broadcast(messages: number, bytes: number): Promise<void> {
    const frame = Buffer.alloc(prefixBytes + bytes)
    frame.writeUInt32BE(bytes)
    const perSlab = Math.max(1, Math.floor(slabBytes / frame.length))
    const slab = Buffer.concat(Array.from({ length: perSlab }, () => frame))
    for (let left = messages; left > 0; left -= perSlab) {
      const part = left < perSlab ? slab.subarray(0, left * frame.length) : slab
      const full = [...this.#sockets].filter((socket) => !socket.write(part))
      await Promise.all(full.map((socket) => new Promise((resolve) => socket.once("drain", resolve))))
    }
  }

  leave(): void {
    this.#closing = true
    this.#server.close()
    for (const socket of this.#sockets) socket.end()
  }

  #dial(seat: Seat): void {
    const socket = connect(seat.port, host)
    const refused = (): void => {
      if (!this.#closing) setTimeout(() => this.#dial(seat), again)
    }
    socket.once("error", refused)
    socket.once("connect", () => {
      socket.off("error", refused).on("error", () => {})
      this.#greet(socket, seat.name).catch(() => socket.destroy())
    })
  }

  async #greet(socket: Socket, peer: string): Promise<void> {
    const reader = new Reader(socket.setNoDelay(true))
    const mine = randomBytes(nonceBytes)
    const index = Buffer.alloc(indexBytes)
    index.writeUInt16BE(this.#seats.findIndex(({ name }) => name === this.#self.name))
    socket.write(Buffer.concat([index, mine]))
    const answer = await reader.read(nonceBytes + proofBytes)
    const nonces = [mine, answer.subarray(0, nonceBytes)]
    if (!timingSafeEqual(answer.subarray(nonceBytes), proof("listens", nonces))) throw new Error("no proof")
    socket.write(proof("dials", nonces))
    this.#up(socket, reader, peer)
  }

  #accept(socket: Socket): void {
    const reader = new Reader(socket.setNoDelay(true))
    const greeted = async (): Promise<void> => {
      const hello = await reader.read(indexBytes + nonceBytes)
      const nonces = [hello.subarray(indexBytes), randomBytes(nonceBytes)]
      socket.write(Buffer.concat([nonces[1] as Buffer, proof("listens", nonces)]))
      if (!timingSafeEqual(await reader.read(proofBytes), proof("dials", nonces))) throw new Error("no proof")
      const seat = this.#seats[hello.readUInt16BE()]
      if (seat === undefined) throw new Error("no such seat")
      this.#up(socket, reader, seat.name)
    }
    socket.on("error", () => {})
    greeted().catch(() => socket.destroy())
  }

  #up(socket: Socket, reader: Reader, peer: string): void {
    this.#sockets.add(socket)
    reader.count(this.#sight.received)
    socket.on("close", () => {
      this.#sockets.delete(socket)
      this.#sight.gone(peer)
    })
    this.#sight.up(peer)
  }
}

const start: Start = async (self, seats, sight) => {
  const mesh = new Mesh(self, seats, sight)
  await mesh.start()
  return { leave: async () => mesh.leave(), broadcast: (messages, bytes) => mesh.broadcast(messages, bytes) }
}

await serve(start)
